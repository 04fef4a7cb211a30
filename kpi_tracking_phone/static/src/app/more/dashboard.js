import { Component, markup, onMounted } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";

/** A dashboard in one column, as the server draws it; kept once it was opened. */
export class Dashboard extends Component {
    static template = "kpi_tracking_phone.Dashboard";
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
        onMounted(() => this.phone.open(`dashboard:${this.props.about}`));
    }

    get board() {
        return this.phone.row(`dashboard:${this.props.about}`);
    }

    get tiles() {
        return this.board.tiles.map((tile) => ({
            ...tile,
            // Drawn and cleaned by the server; the page runs no script of theirs.
            drawing: tile.svg && markup(tile.svg),
            prose: tile.html && markup(tile.html),
        }));
    }
}

phoneScreens.add("dashboard", { component: Dashboard, isHidden: true, word: _t("Dashboard") });
