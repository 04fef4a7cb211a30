import { Component } from "@odoo/owl";
import { isMacOS } from "@web/core/browser/feature_detection";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

const NAMESPACE = "?";
const OURS = "kpi_";

/** The command palette for questions as a field in the bar, where people look for it. */
export class SearchBox extends Component {
    static template = "kpi_tracking_language.SearchBox";
    static props = {};

    setup() {
        this.command = useService("command");
    }

    get keys() {
        return isMacOS() ? "⌘ K" : "Ctrl K";
    }

    open() {
        this.command.openMainPalette({ searchValue: NAMESPACE });
    }
}

registry.category("systray").add(
    "kpi_tracking_language.search_box",
    {
        Component: SearchBox,
        // The bars of other apps keep their room.
        isDisplayed: ({ services }) =>
            Boolean(services.menu.getCurrentApp()?.xmlid?.startsWith(OURS)),
    },
    { sequence: 200 }, // left of the icons
);
