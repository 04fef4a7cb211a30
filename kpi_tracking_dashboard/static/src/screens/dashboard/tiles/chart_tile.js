import { Component, xml } from "@odoo/owl";
import { ChartCanvas } from "./chart_canvas";
import { tiles } from "./tile_registry";

const KINDS = ["area", "bar", "line", "radar", "scatter", "stacked"];

/** Courses over periods; a click leads to what made the number. */
export class ChartTile extends Component {
    static template = xml`<ChartCanvas tile="props.tile" onPlace.bind="open" />`;
    static components = { ChartCanvas };
    static props = { actions: { type: Object }, tile: { type: Object } };

    open({ index, series }) {
        const { actions, tile } = this.props;
        const { points, series: all = [], starts } = tile.chart;
        const shown = points ? points[index] : all[series];
        if (shown?.part) {
            return actions.cross(tile, { key: shown.part });
        }
        return actions.drill(tile, {
            report_id: shown?.report_id || null,
            place: starts?.length ? index : null,
        });
    }
}

for (const kind of KINDS) {
    tiles.add(kind, { component: ChartTile });
}
