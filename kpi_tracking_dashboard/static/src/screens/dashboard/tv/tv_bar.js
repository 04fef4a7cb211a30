import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { instant, timeText } from "../kpi_data";

/** What is on, of when, and the way out. */
export class TvBar extends Component {
    static template = "kpi_tracking_dashboard.TvBar";
    static props = { title: { type: String }, tv: { type: Object } };

    get asOf() {
        const asOf = this.props.tv.model.answer?.as_of;
        return asOf ? _t("as of %s", timeText(instant(asOf))) : "";
    }
}
