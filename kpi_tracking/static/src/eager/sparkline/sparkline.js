import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { compact } from "@kpi_base/eager/formatting/formatting";
import { sparklineShape } from "./sparkline_shape";

/** Lines of a trend in their box, with what is said of it. */
export function drawSparkline({ height = 28, isRunning = false, label, points, width = 112 }) {
    const shape = sparklineShape(points, { height, isRunning, margin: 4, width });
    return { ...shape, height, label, width };
}

/** First and last value of a trend, in words. */
export function trendLabel(points, unit) {
    const known = points.filter((point) => typeof point.value === "number");
    const ends = known.length > 1 ? [known[0], known.at(-1)] : known;
    const said = ends.map(({ label, value }) => `${label}: ${compact(value, unit)}`);
    return said.join(" → ") || _t("No values");
}

/**
 * The trend of a number in a line; its target is dashed, its last point marked, and open while
 * its period runs.
 */
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
