import { Component } from "@odoo/owl";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";

const WIDTH = 100;
const HEIGHT = 40;
const PAD = 6;
const SAMPLE = [4, 5, 4.5, 6, 5.5, 7, 6.5, 8]; // of a tile without values: its kind is meant
const ROUND = ["pie", "doughnut", "radar"];
const BARS = ["bar", "stacked", "waterfall", "funnel"];
const LINES = ["line", "area", "scatter"];
const TEXTS = ["text", "view", "table", "heatmap"];

/** The first tiles of a dashboard, drawn small from their kinds and values. */
export class Thumbnail extends Component {
    static template = "kpi_tracking_dashboard.Thumbnail";
    static props = { tiles: { type: Array, element: Object } };

    get drawn() {
        return this.props.tiles.map((tile, at) => ({
            key: at,
            box: `0 0 ${WIDTH} ${HEIGHT}`,
            place: `grid-column: span ${tile.span}; grid-row: span ${Math.min(tile.height, 2)}`,
            shape: shapeOf(tile.kind),
            tone: STATUSES[tile.status]?.tone || "",
            ...drawingOf(tile),
        }));
    }
}

function shapeOf(kind) {
    const known = [
        ["gauge", ["gauge"]],
        ["round", ROUND],
        ["bars", BARS],
        ["line", LINES],
        ["text", TEXTS],
    ].find(([, kinds]) => kinds.includes(kind));
    return known ? known[0] : "card";
}

/** Paths of a tile: a line, bars or what stands for its kind. */
function drawingOf({ kind, values }) {
    const numbers = values.length > 1 ? values : SAMPLE;
    const low = Math.min(...numbers);
    const span = Math.max(...numbers) - low || 1;
    const height = (number) => PAD + ((number - low) / span) * (HEIGHT - 2 * PAD);
    const step = (WIDTH - 2 * PAD) / numbers.length;
    const points = numbers.map((number, at) => [
        round(PAD + (at + 0.5) * step),
        round(HEIGHT - height(number)),
    ]);
    const line = points.map((point, at) => (at ? "L" : "M") + point.join(" ")).join("");
    const isArea = kind === "area";
    return {
        area: isArea ? `${line}L${points.at(-1)[0]} ${HEIGHT}L${points[0][0]} ${HEIGHT}Z` : "",
        bars: points.map(([x, y]) => ({
            height: round(HEIGHT - y),
            width: round(step * 0.6),
            x: round(x - step * 0.3),
            y,
        })),
        line,
    };
}

function round(number) {
    return Math.round(number * 100) / 100;
}
