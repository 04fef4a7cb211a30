import { Component, onMounted, onWillUpdateProps, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { KpiPanel } from "./kpi_panel";

/**
 * One KPI between its neighbours: the browser swipes, as each KPI has its place and snaps;
 * this one and those beside it are drawn. Only where it came to rest is asked by script.
 */
export class KpiScreen extends Component {
    static template = "kpi_tracking_phone.KpiScreen";
    static components = { KpiPanel };
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
        this.track = useRef("track");
        // Worst first, as the list was when it was left: rows do not change places here.
        this.ids = this.phone.cards.map(({ report_id }) => report_id);
        if (!this.ids.includes(this.id)) {
            this.ids = [this.id];
        }
        const fetch = (about) => this.phone.open(`card:${about}`, `history:${about}`);
        onWillUpdateProps(({ about }) => {
            fetch(about);
        });
        onMounted(() => {
            fetch(this.props.about);
            this.show(this.at);
        });
    }

    get id() {
        return Number(this.props.about);
    }

    get at() {
        return this.ids.indexOf(this.id);
    }

    /** Places of all KPIs; `card` of this one and its neighbours, as far as they are here. */
    get places() {
        return this.ids.map((id, at) => ({
            card: Math.abs(at - this.at) < 2 && this.phone.row(`card:${id}`),
            id,
        }));
    }

    step(by) {
        this.show(this.at + by);
        this.go(this.at + by);
    }

    /** Without a movement, to either side. */
    show(at) {
        const { el } = this.track;
        el.scrollLeft = el.children[at].offsetLeft - el.children[0].offsetLeft;
    }

    rest() {
        const { clientWidth, scrollLeft } = this.track.el;
        this.go(Math.round(Math.abs(scrollLeft) / clientWidth));
    }

    go(at) {
        if (at !== this.at) {
            this.env.go.to("kpi", this.ids[at], { isSame: true });
        }
    }
}

phoneScreens.add("kpi", { component: KpiScreen, isHidden: true, word: _t("KPI") });
