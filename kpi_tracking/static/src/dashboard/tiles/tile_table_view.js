import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { tableOf } from "../tile_table";

/** The numbers of a tile in rows and columns; the name of a row leads on. */
export class TileTable extends Component {
    static template = "kpi_tracking.TileTable";
    static props = { actions: { type: Object }, tile: { type: Object } };

    get table() {
        return tableOf(this.props.tile);
    }

    open(row) {
        const { actions, tile } = this.props;
        return row.part ? actions.cross(tile, row.part) : actions.drill(tile, row.place);
    }
}

registry.category("kpi_tracking.tiles").add("table", TileTable).add("heatmap", TileTable);
