import { registry } from "@web/core/registry";
import { onDemand } from "@kpi_base/eager/on_demand/on_demand";

const SCREENS = "kpi_workflow_tat.assets_screens";

// What views ask of them; the components come when one is drawn.
registry.category("view_widgets").add("kpi_tat_clocks", {
    component: onDemand("kpi_workflow_tat.ClocksWidget", SCREENS),
});
