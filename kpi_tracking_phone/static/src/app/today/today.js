import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { describeNeed } from "@kpi_tracking/home/home_needs";
import { KpiRow } from "../kpis/kpi_row";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { momentOf, writeDay } from "../when";

const MOST = 8; // cards, where somebody has starred none
const HERE = { due: "enter", overdue: "enter", approval: "approve", alert: "approve" };

/** What needs me, and how my KPIs are, worst first. */
export class Today extends Component {
    static template = "kpi_tracking_phone.Today";
    static components = { KpiRow };
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
    }

    get cards() {
        const { cards } = this.phone;
        const starred = cards.filter((card) => card.starred);
        return starred.length ? starred : cards.slice(0, MOST);
    }

    /** Ways to what can be done here, with their number. */
    get ways() {
        const { alerts, approve, enter } = this.phone.counts;
        return [
            { name: "enter", word: _t("Enter"), count: enter },
            { name: "approve", word: _t("Approve"), count: approve },
            { name: "alerts", word: _t("Alerts"), count: alerts },
        ].filter((way) => way.count);
    }

    /** What waits elsewhere: the web client opens it. */
    get needs() {
        return (this.phone.row("needs") || [])
            .filter(({ kind }) => !HERE[kind])
            .map((need) => ({
                ...describeNeed(need, need.date && _t("due %s", writeDay(momentOf(need.date)))),
                href: need.res_id ? `/odoo/${need.model}/${need.res_id}` : "/odoo",
            }));
    }

    get needWords() {
        const count = this.ways.reduce((sum, way) => sum + way.count, 0) + this.needs.length;
        return count ? _t("%s to do", count) : _t("You are all caught up.");
    }
}

phoneScreens.add("today", {
    component: Today,
    path: "M3 11L12 4l9 7v9h-6v-6h-6v6H3z",
    sequence: 10,
    word: _t("Today"),
});
