import { Component } from "@odoo/owl";
import { hatch, sparklineShape } from "./sparkline_shape";

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
    static defaultProps = { height: 28, isRunning: false, width: 112 };

    get shape() {
        const { height, points, width } = this.props;
        return sparklineShape(points, { height, margin: 4, width });
    }

    hatching({ slot }) {
        return hatch(slot, this.props.height);
    }
}
