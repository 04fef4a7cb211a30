import { onDemand } from "@kpi_tracking/eager/on_demand/on_demand";
import { homePanels } from "@kpi_tracking/home/home_panels";

const BUNDLE = "kpi_tracking_language.assets_screens";

homePanels.add("kpi_tracking_language.question", {
    component: onDemand("kpi_tracking_language.Question", BUNDLE),
    sequence: 1,
});
