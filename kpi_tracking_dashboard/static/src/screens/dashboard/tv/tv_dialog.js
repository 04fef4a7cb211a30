import { Component, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { CheckBox } from "@web/core/checkbox/checkbox";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SHORTEST, USUAL } from "./tv";

const KEY = "kpi_tracking_dashboard.tv";

/** Which dashboards a screen shows in turn, and how long each. */
export class TvDialog extends Component {
    static template = "kpi_tracking_dashboard.TvDialog";
    static components = { CheckBox, Dialog };
    static props = {
        close: { type: Function },
        current: { type: Number },
        interval: { type: Number, optional: true },
        playlist: { type: Array, element: Object },
        start: { type: Function }, // (ids, seconds)
    };

    setup() {
        const { current, interval, playlist } = this.props;
        const known = new Set(playlist.map(({ id }) => id));
        const { ids = [], interval: kept } = remembered();
        const chosen = ids.filter((id) => known.has(id));
        this.shortest = SHORTEST;
        this.state = useState({
            ids: chosen.includes(current) ? chosen : [current],
            interval: kept || interval || USUAL,
        });
    }

    toggle(id) {
        const { ids } = this.state;
        this.state.ids = ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id];
    }

    start() {
        const { ids } = this.state;
        const interval = Math.max(SHORTEST, Number(this.state.interval) || USUAL);
        browser.localStorage.setItem(KEY, JSON.stringify({ ids, interval }));
        this.props.close();
        // Only the click of somebody may take the whole screen.
        document.documentElement.requestFullscreen?.().catch(() => {});
        this.props.start(ids, interval);
    }
}

function remembered() {
    try {
        return JSON.parse(browser.localStorage.getItem(KEY)) || {};
    } catch {
        return {};
    }
}

registry.category("kpi_tracking_dashboard.dashboard_menu").add(
    "tv",
    {
        icon: "fa-television",
        text: _t("Show on TV"),
        async onSelected({ dashboard, services, startTv }) {
            const playlist = await services.orm.searchRead(
                "kpi.dashboard",
                [["is_listed", "=", true]],
                ["name"],
            );
            services.dialog.add(TvDialog, {
                current: dashboard.id,
                interval: dashboard.interval,
                playlist,
                start: startTv,
            });
        },
    },
    { sequence: 10 },
);
