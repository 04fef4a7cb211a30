import {
    onDemand as onDemandOf,
    screenOnDemand as screenOnDemandOf,
} from "@kpi_base/eager/on_demand/on_demand";

/** Needs of single screens: their fields, widgets and actions. */
const SCREENS = "kpi_tracking.assets_screens";

/** A component that stands for one of this addon's screens, or of another bundle. */
export function onDemand(name, bundle = SCREENS) {
    return onDemandOf(name, bundle);
}

/** As ``onDemand``, of a screen that fills the page. */
export function screenOnDemand(name, bundle = SCREENS) {
    return screenOnDemandOf(name, bundle);
}
