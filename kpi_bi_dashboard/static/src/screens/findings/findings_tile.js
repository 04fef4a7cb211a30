import { Component } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { tiles } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile_registry";

/** Sentences on what is unusual; each opens what it speaks of. */
export class FindingsTile extends Component {
    static template = "kpi_bi_dashboard.FindingsTile";
    static props = { actions: { type: Object }, tile: { type: Object } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    async open({ model, method, args }) {
        this.action.doAction(await this.orm.call(model, method, args));
    }
}

tiles.add("findings", { component: FindingsTile });
