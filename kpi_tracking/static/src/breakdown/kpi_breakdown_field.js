import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatAchievement, formatKpi, unitOf, UNIT_FIELDS } from "../kpi_format/kpi_format";

/** Parts of the latest value: a list per field, with bars of their size. */
export class KpiBreakdownField extends Component {
    static template = "kpi_tracking.KpiBreakdownField";
    static props = { ...standardFieldProps };

    get groups() {
        const unit = unitOf(this.props.record.data);
        return (this.props.record.data[this.props.name] || []).map(({ label, parts }) => {
            const largest = Math.max(...parts.map((part) => Math.abs(part.value)));
            return {
                label,
                parts: parts.map(({ label, percent, value }) => ({
                    label,
                    share: percent === null ? "" : formatAchievement(percent),
                    text: formatKpi(value, unit),
                    width: largest ? (100 * Math.max(value, 0)) / largest : 0,
                })),
            };
        });
    }
}

registry.category("fields").add("kpi_breakdown", {
    component: KpiBreakdownField,
    displayName: _t("KPI breakdown"),
    supportedTypes: ["json"],
    isEmpty: () => false,
    fieldDependencies: UNIT_FIELDS,
});
