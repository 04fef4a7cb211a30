import { patch } from "@web/core/utils/patch";
import { StatusBarButtons } from "@web/views/form/status_bar_buttons/status_bar_buttons";

/** What a form of ours shows: its primary button and two more. */
const MAX_BUTTONS = 3;

patch(StatusBarButtons.prototype, {
    /** Number of buttons before ⋮, the menu in which Odoo puts the others on a phone. */
    get shownCount() {
        if (this.env.isSmall) {
            return 1;
        }

        const isOurs = this.env.model?.root.resModel.startsWith("kpi.");
        return isOurs ? MAX_BUTTONS : this.visibleSlotNames.length;
    },
});
