import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { countStatuses, mainPeriod } from "../board_summary";
import { instant, timeText } from "../kpi_data";

/** What is on, of when, how its KPIs stand, and the way out. */
export class TvBar extends Component {
    static template = "kpi_tracking_dashboard.TvBar";
    static props = { title: { type: String }, tv: { type: Object } };

    get tiles() {
        return this.props.tv.model.tiles;
    }

    get counts() {
        return countStatuses(this.tiles);
    }

    get period() {
        return mainPeriod(this.tiles);
    }

    get page() {
        const { page, pages } = this.props.tv;
        return pages > 1 ? _t("Page %(page)s of %(pages)s", { page: page + 1, pages }) : "";
    }

    get asOf() {
        const asOf = this.props.tv.model.answer?.as_of;
        return asOf ? _t("as of %s", timeText(instant(asOf))) : "";
    }
}
