import { Component, onMounted, onPatched, onWillUpdateProps, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { KpiPanel } from "./kpi_panel";

/**
 * One KPI between its neighbours: the browser swipes, as all three are there and each snaps.
 * Only where it came to rest is asked by script.
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
        const fetch = (about) => this.phone.open(`card:${about}`, `history:${about}`);
        onWillUpdateProps(({ about }) => {
            fetch(about);
        });
        onMounted(() => {
            fetch(this.props.about);
            this.center();
        });
        onPatched(() => this.center());
    }

    get id() {
        return Number(this.props.about);
    }

    get at() {
        return this.ids.indexOf(this.id);
    }

    /** The KPI before, this one, the next one; of those that are here. */
    get cards() {
        const around =
            this.at < 0 ? [this.id] : this.ids.slice(Math.max(this.at - 1, 0), this.at + 2);
        return around.map((id) => this.phone.row(`card:${id}`)).filter(Boolean);
    }

    get place() {
        return this.at < 0 ? "" : `${this.at + 1} / ${this.ids.length}`;
    }

    step(by) {
        const id = this.ids[this.at + by];
        if (id) {
            this.env.go.to("kpi", id, { isSame: true });
        }
    }

    /** Without a movement: what is seen stays where it is. */
    center() {
        const { el } = this.track;
        const at = this.cards.findIndex(({ report_id }) => report_id === this.id);
        const [first] = el.children;
        if (at >= 0) {
            el.scrollLeft = el.children[at].offsetLeft - first.offsetLeft;
        }
    }

    onScrollend() {
        const { el } = this.track;
        const at = Math.round(Math.abs(el.scrollLeft) / el.clientWidth);
        const id = this.cards[at]?.report_id;
        if (id && id !== this.id) {
            this.env.go.to("kpi", id, { isSame: true });
        }
    }
}

phoneScreens.add("kpi", { component: KpiScreen, isHidden: true, word: _t("KPI") });
