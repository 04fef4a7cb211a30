import { Component, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { homePanels } from "@kpi_tracking/home/home_panels";
import { Thumbnail } from "./thumbnail";

/** Ready dashboards as pictures, while nothing is tracked; Install is all it takes. */
export class ReadyPanel extends Component {
    static template = "kpi_tracking_dashboard.ReadyPanel";
    static components = { Thumbnail };
    static props = { content: { type: Array, element: Object } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ installing: 0 });
    }

    /** The first one is suggested. */
    get dashboards() {
        return this.props.content.map((each, at) => ({
            ...each,
            isFirst: !at && each.can_install,
        }));
    }

    /** The dashboard with example values, as a page of its own. */
    async preview({ id }) {
        const asked = this.orm.call("kpi.gallery.dashboard", "action_preview", [[id]]);
        await this.action.doAction(await asked);
    }

    async install({ id }) {
        this.state.installing = id;
        try {
            const action = await this.orm.call("kpi.gallery.dashboard", "action_install", [[id]]);
            await this.action.doAction(action);
        } finally {
            this.state.installing = 0;
        }
    }
}

homePanels.add("kpi_tracking_dashboard.ready", { component: ReadyPanel, sequence: 10 });
