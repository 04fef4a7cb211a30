import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { describeNeed } from "@kpi_tracking/home/home_needs";
import { KpiRow } from "../kpis/kpi_row";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { momentOf, writeDay } from "../when";

const MOST = 8; // cards, where somebody has starred none

const NEWS = { alert: "alerts", due: "enter", late: "approve", new: "approve" };
const TONES = { better: "o_kpi_status_success", worse: "o_kpi_status_danger" };
const SIGNS = { [-1]: "▼", 0: "●", 1: "▲" };
const lookOf = (item) => ({ ...item, look: TONES[item.tone] || "", sign: SIGNS[item.step] });

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

    /** What happened since the last working day, as on the overview. */
    get morning() {
        const card = this.phone.row("morning");
        return card && { ...card, items: card.items.map(lookOf) };
    }

    /** The KPI, what waits here, or the record on Odoo's pages. */
    openNews({ ids, kind, model }) {
        if (kind === "kpi") {
            this.env.go.to("kpi", ids[0]);
        } else if (NEWS[kind]) {
            this.env.go.to(NEWS[kind]);
        } else {
            window.location.assign(ids.length === 1 ? `/odoo/${model}/${ids[0]}` : "/odoo");
        }
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
        return this.phone.otherNeeds.map((need) => ({
            ...describeNeed(need, need.date && _t("due %s", writeDay(momentOf(need.date)))),
            href: need.res_id ? `/odoo/${need.model}/${need.res_id}` : "/odoo",
        }));
    }

    get needWords() {
        const count = this.phone.counts.all;
        return count ? _t("%s to do", count) : _t("You are all caught up.");
    }
}

phoneScreens.add("today", {
    component: Today,
    path: "M3 11L12 4l9 7v9h-6v-6h-6v6H3z",
    sequence: 10,
    word: _t("Today"),
});
