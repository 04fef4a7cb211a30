import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import {
    achievement as formatAchievement,
    compact as formatKpi,
} from "@kpi_base/eager/formatting/formatting";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";

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

registry.category("lazy_components").add("kpi_tracking.KpiBreakdownField", KpiBreakdownField);
