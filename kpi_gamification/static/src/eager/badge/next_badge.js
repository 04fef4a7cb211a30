import { Component } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { Badge } from "./badge";
import { formatDay } from "@kpi_base/eager/formatting/reader";

/** How far somebody is with an achievement, and when it is decided. */
export class NextBadge extends Component {
    static template = "kpi_gamification.NextBadge";
    static components = { Badge };
    static props = { row: { type: Object } };

    get percent() {
        return Math.round(100 * this.props.row.ratio);
    }

    /** Whether nothing is missing, and it is only to be decided. */
    get isReached() {
        return this.props.row.ratio >= 1;
    }

    get count() {
        const { done, least } = this.props.row;
        return least && !this.isReached ? _t("%(done)s of %(least)s", { done, least }) : "";
    }

    get decided() {
        const { day, period } = this.props.row;
        if (!day) {
            return _t("Given at once");
        }
        return _t("%(period)s, evaluated %(day)s", {
            day: formatDay(deserializeDate(day)),
            period,
        });
    }
}
