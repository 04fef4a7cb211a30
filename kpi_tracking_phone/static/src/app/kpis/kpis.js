import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { KpiRow } from "./kpi_row";

/** All KPIs that are on the phone, worst first. */
export class Kpis extends Component {
    static template = "kpi_tracking_phone.Kpis";
    static components = { KpiRow };
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
        this.state = useState({ status: "", text: "" });
    }

    get cards() {
        const text = this.state.text.trim().toLocaleLowerCase();
        return this.phone.cards.filter(
            ({ name, status }) =>
                (!this.state.status || status === this.state.status) &&
                name.toLocaleLowerCase().includes(text),
        );
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
