import { registry } from "@web/core/registry";
import { UNIT_FIELDS } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { onDemand } from "@kpi_tracking/eager/on_demand/on_demand";

const BUNDLE = "kpi_tracking_analytics.assets_screens";

registry
    .category("actions")
    .add("kpi_tracking_analytics.change", onDemand("kpi_tracking_analytics.ChangeAction", BUNDLE));

// next to the chart on the form of a KPI
registry.category("view_widgets").add("kpi_why", {
    component: onDemand("kpi_tracking_analytics.Why", BUNDLE),
    fieldDependencies: [{ name: "current_value", type: "float" }],
});

// the history of the KPI goes on with its forecast
registry.category("view_widgets").add("kpi_forecast_history", {
    component: onDemand("kpi_tracking.KpiHistory"),
    fieldDependencies: [
        ...UNIT_FIELDS,
        { name: "aggregation_time", type: "selection", selection: [] },
    ],
});
