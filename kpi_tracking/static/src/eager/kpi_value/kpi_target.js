import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { compact as formatKpi, full as formatKpiFull } from "@kpi_base/eager/formatting/formatting";
import { isGrowing, targetUnitOf, unitOf, UNIT_FIELDS } from "../kpi_format/kpi_unit";
import { UNJUDGED } from "../status_chip/status_chip";

/** What the value is judged by: a number, all of it while none is due, or a range. */
export class KpiTargetField extends Component {
    static template = "kpi_tracking.KpiTargetField";
    static props = { ...standardFieldProps };

    get text() {
        return this.formatted(formatKpi);
    }

    /** With all digits; of the part that is due so far, the full target as well. */
    get exact() {
        const exact = this.formatted(formatKpiFull);
        const { data } = this.props.record;
        const full = data.sparkline?.points?.at(-1)?.target;
        const isPart = isGrowing(data) && data.status !== "not_due";
        if (!exact || !isPart || typeof full !== "number") {
            return exact;
        }
        return _t("%(due)s to date, %(full)s for the full period", {
            due: exact,
            full: formatKpiFull(full, unitOf(data)),
        });
    }

    formatted(format) {
        const { data } = this.props.record;
        const held = data.sparkline?.points?.at(-1);
        if (data.direction === "range") {
            const unit = unitOf(data);
            const isKnown = held && typeof held.low === "number";
            return isKnown ? `${format(held.low, unit)} – ${format(held.high, unit)}` : "";
        }
        const isMissing = UNJUDGED.includes(data.status);
        const value = data.status === "not_due" ? held?.target : data[this.props.name];
        return isMissing && !value ? "" : format(value, targetUnitOf(data));
    }
}

export const kpiTargetField = {
    component: KpiTargetField,
    displayName: _t("KPI target"),
    supportedTypes: ["float"],
    listViewWidth: [105, 110],
    isEmpty: () => false,
    fieldDependencies: [
        ...UNIT_FIELDS,
        { name: "aggregation_time", type: "selection", selection: [] },
        { name: "is_running", type: "boolean" },
        { name: "status", type: "selection", selection: [] },
        { name: "direction", type: "selection", selection: [] },
        { name: "sparkline", type: "json" },
    ],
};

registry.category("fields").add("kpi_target", kpiTargetField);
