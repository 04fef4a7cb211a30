import { registry } from "@web/core/registry";
import { onDemand } from "@kpi_tracking/eager/on_demand/on_demand";

// Loaded with the first form that shows them.
registry.category("view_widgets").add("kpi_benefit_insights", {
    component: onDemand("kpi_benefits.Insights", "kpi_benefits.assets_screens"),
    fieldDependencies: [{ name: "write_date", type: "datetime", readonly: true }],
});
