import { registry } from "@web/core/registry";
import { onDemand } from "@kpi_tracking/eager/on_demand/on_demand";

const BUNDLE = "kpi_tracking_analytics.assets_screens";

registry
    .category("actions")
    .add("kpi_tracking_analytics.change", onDemand("kpi_tracking_analytics.ChangeAction", BUNDLE));
