import { Component } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { homePanels } from "@kpi_tracking/home/home_panels";
import { Thumbnail } from "./thumbnail";

const TILES = { type: Array, element: Object };

/** The first dashboards of whoever looks, small, on the overview. */
export class DashboardsPanel extends Component {
    static template = "kpi_tracking_dashboard.DashboardsPanel";
    static components = { Thumbnail };
    static props = {
        content: {
            type: Array,
            element: {
                type: Object,
                shape: { id: Number, name: String, is_favorite: Boolean, tiles: TILES },
            },
        },
    };

    setup() {
        this.action = useService("action");
    }

    open(id) {
        return this.action.doAction("kpi_tracking_dashboard.dashboard", { props: { resId: id } });
    }

    openAll() {
        return this.action.doAction("kpi_tracking_dashboard.kpi_dashboard_action");
    }
}

homePanels.add("kpi_tracking_dashboard.dashboards", { component: DashboardsPanel, sequence: 10 });
