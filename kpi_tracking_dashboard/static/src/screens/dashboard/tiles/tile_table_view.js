import { Component, useEffect, useRef } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { isUpright, tableOf } from "../tile_table";
import { tiles } from "./tile_registry";

const SHARES = [1, 0.9, 0.8, 0.7, 0.6, 0.5]; // letters on a TV, of those around them

/** Nobody scrolls on a TV: letters there let all rows and columns be seen. */
function fitLetters(el) {
    const isOnTv = getComputedStyle(el).getPropertyValue("--kpi-tv-scale");
    for (const share of isOnTv ? SHARES : [1]) {
        el.style.fontSize = share === 1 ? "" : `${share}em`;
        if (el.scrollWidth <= el.clientWidth && el.scrollHeight <= el.clientHeight) {
            break;
        }
    }
}

/** The numbers of a tile in rows and columns; the name of a row leads on. */
export class TileTable extends Component {
    static template = "kpi_tracking_dashboard.TileTable";
    static props = { actions: { type: Object }, tile: { type: Object } };

    setup() {
        this.scroller = useRef("scroller");
        useEffect(
            (el) => {
                const observer = new ResizeObserver(() => fitLetters(el));
                observer.observe(el);
                return () => observer.disconnect();
            },
            () => [this.scroller.el],
        );
        // Periods that are columns are read from the latest on.
        useEffect(
            (el) => {
                fitLetters(el);
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

tiles.add("table", { component: TileTable }).add("heatmap", { component: TileTable });
