import { Component, useEffect, useRef } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { registry } from "@web/core/registry";
import { isUpright, tableOf } from "../tile_table";

/** The numbers of a tile in rows and columns; the name of a row leads on. */
export class TileTable extends Component {
    static template = "kpi_tracking.TileTable";
    static props = { actions: { type: Object }, tile: { type: Object } };

    setup() {
        this.scroller = useRef("scroller");
        // Periods that are columns are read from the latest on.
        useEffect(
            (el) => {
                const end = localization.direction === "rtl" ? -el.scrollWidth : el.scrollWidth;
                el.scrollLeft = isUpright(this.props.tile) ? end : 0;
            },
            () => [this.scroller.el, this.props.tile],
        );
    }

    get table() {
        return tableOf(this.props.tile);
    }

    open(row) {
        const { actions, tile } = this.props;
        return row.part ? actions.cross(tile, row.part) : actions.drill(tile, row.place);
    }
}

registry.category("kpi_tracking.tiles").add("table", TileTable).add("heatmap", TileTable);
