import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { KpiRow } from "./kpi_row";

const farther = ({ achievement: one }, { achievement: other }) => (one ?? 1e9) - (other ?? 1e9);
const ORDERS = {
    distance: farther,
    name: ({ name: one }, { name: other }) => one.localeCompare(other),
};

/** All KPIs that are on the phone, worst first. */
export class Kpis extends Component {
    static template = "kpi_tracking_phone.Kpis";
    static components = { KpiRow };
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
        this.phone.views.kpis ||= { order: "", scope: "", status: "", text: "" };
        this.state = useState(this.phone.views.kpis);
    }

    get cards() {
        const { order, scope } = this.state;
        const text = this.state.text.trim().toLocaleLowerCase();
        const found = this.phone.cards.filter(
            (card) =>
                (!this.state.status || card.status === this.state.status) &&
                (!scope || card.scope === scope) &&
                card.name.toLocaleLowerCase().includes(text),
        );
        return order ? found.sort(ORDERS[order]) : found;
    }

    /** Whose KPIs there are, to choose from. */
    get scopes() {
        const found = new Set(this.phone.cards.map(({ scope }) => scope));
        return [...found].filter(Boolean).sort();
    }

    /** Statuses that there are, each with its number of KPIs. */
    get statuses() {
        const { cards } = this.phone;
        return Object.entries(STATUSES)
            .map(([key, { word }]) => ({
                count: cards.filter(({ status }) => status === key).length,
                key,
                word,
            }))
            .filter(({ count }) => count);
    }

    choose(status) {
        this.state.status = this.state.status === status ? "" : status;
    }
}

phoneScreens.add("kpis", {
    component: Kpis,
    path: "M4 20V10h4v10zM10 20V4h4v16zM16 20v-7h4v7z",
    sequence: 20,
    word: _t("KPIs"),
});
