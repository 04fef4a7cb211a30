import { onDemand as onDemandOf } from "@kpi_base/eager/on_demand/on_demand";

/** Needs of single screens: their fields, widgets and actions. */
const SCREENS = "kpi_tracking.assets_screens";

/** A component that stands for one of this addon's screens, or of another bundle. */
export function onDemand(name, bundle = SCREENS) {
    return onDemandOf(name, bundle);
}
