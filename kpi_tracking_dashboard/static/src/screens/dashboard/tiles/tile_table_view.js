import { Component, useEffect, useRef } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { isUpright, tableOf } from "../tile_table";
import { tiles } from "./tile_registry";

const SMALLEST = 0.5; // letters on a TV, of those around them

/** Nobody scrolls on a TV: letters there let all rows and columns be seen. */
function fitLetters(el) {
    el.style.fontSize = "";
    const isOnTv = getComputedStyle(el).getPropertyValue("--kpi-tv-scale");
    const { clientHeight, clientWidth, scrollHeight, scrollWidth } = el;
    const share = Math.min(clientWidth / scrollWidth, clientHeight / scrollHeight);
    if (isOnTv && share < 1) {
        el.style.fontSize = `${Math.max(share, SMALLEST)}em`;
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
