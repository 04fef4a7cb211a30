import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { UNIT_FIELDS } from "../kpi_format/kpi_unit";
import { comparisons } from "./comparisons";

/** The latest value against its target and against the value before, in words. */
export class KpiComparisonField extends Component {
    static template = "kpi_tracking.KpiComparisonField";
    static props = { ...standardFieldProps };

    get comparisons() {
        return comparisons(this.props.record.data);
    }
}

export const kpiComparisonField = {
    component: KpiComparisonField,
    displayName: _t("KPI comparison"),
    supportedTypes: ["float"],
    isEmpty: () => false,
    fieldDependencies: [
        ...UNIT_FIELDS,
        { name: "aggregation_time", type: "selection", selection: [] },
        { name: "current_value", type: "float" },
        { name: "direction", type: "selection", selection: [] },
        { name: "has_previous", type: "boolean" },
        { name: "has_value", type: "boolean" },
        { name: "is_running", type: "boolean" },
        { name: "previous_value", type: "float" },
        { name: "sparkline", type: "json" },
        { name: "status", type: "selection", selection: [] },
        { name: "target_value", type: "float" },
    ],
};

registry.category("fields").add("kpi_comparison", kpiComparisonField);
