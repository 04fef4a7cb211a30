import { Component } from "@odoo/owl";
import { hatch, sparklineShape } from "./sparkline_shape";

/** Lines of a trend in their box, with what is said of it. */
export function drawSparkline({ height = 28, isRunning = false, label, points, width = 112 }) {
    const shape = sparklineShape(points, { height, margin: 4, width });
    return { ...shape, height, label, running: isRunning && hatch(shape.slot, height), width };
}

/** The trend of a number in a line; its target is thin, its last point marked. */
export class Sparkline extends Component {
    static template = "kpi_tracking.Sparkline";
    static props = {
        height: { type: Number, optional: true },
        isRunning: { type: Boolean, optional: true },
        label: { type: String },
        points: { type: Array, element: Object },
        width: { type: Number, optional: true },
    };

    /** What the template draws. */
    get drawn() {
        return drawSparkline(this.props);
    }
}
