import { Component } from "@odoo/owl";
import { momentText } from "../kpi_data";

/** Says that this is a draft, or that somebody has left one. */
export class DraftBar extends Component {
    static template = "kpi_tracking_dashboard.DraftBar";
    static props = {
        canEdit: { type: Boolean },
        draft: { type: Object },
    };

    get moment() {
        return momentText(this.props.draft.waiting.moment);
    }
}
