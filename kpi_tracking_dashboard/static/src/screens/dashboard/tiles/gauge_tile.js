import { Component } from "@odoo/owl";
import { Gauge } from "@kpi_tracking/screens/gauge/gauge";
import { reportGauge } from "@kpi_tracking/eager/gauge/report_gauge";
import { recordOf } from "../kpi_data";
import { CardTile } from "./card_tile";
import { tiles } from "./tile_registry";
import { formatMoment } from "@kpi_base/eager/formatting/reader";

/** A KPI's value on its scale; as a card where a gauge would say no more than that. */
export class GaugeTile extends Component {
    static template = "kpi_tracking_dashboard.GaugeTile";
    static components = { CardTile, Gauge };
    static props = { actions: { type: Object }, tile: { type: Object } };

    get gauge() {
        const { gauge, kpi } = this.props.tile;
        const look = { isAnimated: true, formatMoment };
        const props = reportGauge(gauge, recordOf(kpi), look);
        // The status stands in the header of the tile.
        return { ...props, label: this.props.tile.title };
    }

    get card() {
        const card = { style: "trend", icon: "", comparisons: ["target", "previous"] };
        return { ...this.props.tile, card };
    }
}

tiles.add("gauge", { component: GaugeTile });
