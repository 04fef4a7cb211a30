import { registry } from "@web/core/registry";
import { onDemand } from "@kpi_tracking/eager/on_demand/on_demand";

registry.category("view_widgets").add("kpi_insights", {
    component: onDemand("kpi_tracking_language.Insights", "kpi_tracking_language.assets_screens"),
    fieldDependencies: [{ name: "current_value", type: "float" }],
});
