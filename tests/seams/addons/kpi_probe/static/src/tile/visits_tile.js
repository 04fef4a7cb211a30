import { Component, xml } from "@odoo/owl";
import { tiles } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile_registry";

class VisitsTile extends Component {
    static template = xml`<p class="o_kpi_probe_tile" t-out="props.tile.visits" />`;
    static props = { actions: { type: Object }, tile: { type: Object } };
}

tiles.add("visits", { component: VisitsTile });
