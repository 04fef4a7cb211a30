import { registry } from "@web/core/registry";
import { UNIT_FIELDS } from "../kpi_format/kpi_unit";
import { onDemand } from "./on_demand";

const HISTORY_FIELDS = [
    { name: "last_measured_at", type: "datetime" },
    { name: "name", type: "char" },
];

registry
    .category("view_widgets")
    .add("kpi_change_effect", {
        component: onDemand("kpi_tracking.ChangeEffectWidget"),
        fieldDependencies: [{ name: "approval_state", type: "selection", selection: [] }],
    })
    .add("kpi_chatter_link", {
        component: onDemand("kpi_tracking.ChatterLink"),
        fieldDependencies: [{ name: "standing", type: "json" }],
    })
    .add("kpi_definition_preview", {
        component: onDemand("kpi_tracking.DefinitionPreview"),
        fieldDependencies: UNIT_FIELDS,
    })
    .add("kpi_history", {
        component: onDemand("kpi_tracking.KpiHistory"),
        fieldDependencies: [
            ...UNIT_FIELDS,
            ...HISTORY_FIELDS,
            { name: "aggregation_time", type: "selection", selection: [] },
            { name: "current_value", type: "float" },
            { name: "kpi_name", type: "char" },
            { name: "standing", type: "json" },
            { name: "target_value", type: "float" },
        ],
    })
    .add("kpi_readers", { component: onDemand("kpi_tracking.KpiReaders") })
    .add("kpi_scorecard_history", {
        component: onDemand("kpi_tracking.ScorecardHistory"),
        fieldDependencies: [
            ...HISTORY_FIELDS,
            { name: "achievement", type: "float" },
            { name: "counted_weight", type: "float" },
        ],
    });
