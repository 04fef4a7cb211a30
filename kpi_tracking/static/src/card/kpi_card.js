import { Component } from "@odoo/owl";
import {
    addSign,
    bare,
    change,
    compactParts,
    distance,
    full as formatFull,
} from "@kpi_base/eager/formatting/formatting";
import { beyondRange, targetComparison } from "../eager/comparison/comparisons";
import { isGrowing, targetUnitOf, unitOf } from "../eager/kpi_format/kpi_unit";
import { drawSparkline, trendLabel } from "../eager/sparkline/sparkline";
import { StatusChip } from "../eager/status_chip/status_chip";

const WIDTH = 200; // the drawing is as wide as its card
const HEIGHT = 44;
const LINE = 16; // height of the number of a target

/**
 * What a card says of a KPI below its name, in four lines: value, status and distance to the
 * target, the last periods, and the value before. A line without content stays empty, so that
 * the values of cards beside each other have one baseline.
 */
export class KpiCard extends Component {
    static template = "kpi_tracking.KpiCard";
    static components = { StatusChip };
    static props = {
        about: { type: String, optional: true }, // of whom or of when it is
        action: { type: Object, optional: true }, // without a value: `text` and what it does, `run`
        before: { type: String, optional: true }, // against the value before
        data: { type: Object }, // of a `kpi.report` record
        details: { type: String }, // all that the last line is about, in words
        hasDistance: { type: Boolean, optional: true },
        hasStatus: { type: Boolean, optional: true },
        hasTrend: { type: Boolean, optional: true },
        icon: { type: String, optional: true },
        points: { type: Array, element: Object, optional: true }, // else those of the record
        reason: { type: String, optional: true }, // why there is no value
        trendText: { type: String, optional: true },
    };
    static defaultProps = {
        about: "",
        before: "",
        hasDistance: true,
        hasStatus: true,
        hasTrend: true,
        icon: "",
        reason: "",
        trendText: "",
    };

    get unit() {
        return unitOf(this.props.data);
    }

    get parts() {
        return compactParts(this.props.data.current_value, this.unit);
    }

    get exact() {
        return formatFull(this.props.data.current_value, this.unit);
    }

    /** A number, words of it where there is room for them, and all of it for whoever asks. */
    get distance() {
        const { data, hasDistance } = this.props;
        const said = hasDistance && data.has_value && targetComparison(data);
        if (!said) {
            return null;
        }
        const text = distanceOf(data);
        const about = text && said.startsWith(text) ? said.slice(text.length).trim() : "";
        // Beside a percentage “+5.3” is known to be points; other units are part of the number.
        const [number, ...points] = data.unit === "percent" ? bare(text).split(/\s/) : [text];
        const words = [points.join(" "), about].filter(Boolean);
        return { number, said, tone: toneOf(data), words };
    }

    /** The last periods, with the target that the value is judged by. */
    get points() {
        const { data, points = data.sparkline?.points || [] } = this.props;
        const last = points.findLastIndex(({ isComing }) => !isComing);
        if (last < 0 || !isGrowing(data) || !data.target_value) {
            return points;
        }
        return points.with(last, { ...points[last], target: data.target_value });
    }

    get trend() {
        const { data, hasTrend, trendText } = this.props;
        const { points } = this;
        if (!hasTrend || !data.has_value || !points.length) {
            return null;
        }
        const isRunning = Boolean(data.is_running);
        const label = trendText || trendLabel(points, this.unit);
        return drawSparkline({ height: HEIGHT, isRunning, label, points, width: WIDTH });
    }

    /** Numbers of the target where its line ends, not upon each other. */
    targets({ ends }) {
        const shown = [];
        for (const { value, y } of ends) {
            if (shown.every((other) => Math.abs(other.y - y) >= LINE)) {
                shown.push({ at: y / HEIGHT, text: this.targetText(value), y });
            }
        }
        return shown;
    }

    /** Without the unit that stands behind the value. */
    targetText(value) {
        const { after, before, number } = compactParts(value, this.unit);
        const isSame = before === this.parts.before && after === this.parts.after;
        return isSame ? number : before + number + after;
    }
}

/** The distance to the target alone, with its sign. */
function distanceOf(data) {
    if (data.direction !== "range") {
        return change(data.current_value, data.target_value, targetUnitOf(data));
    }
    const beyond = beyondRange(data);
    return beyond ? addSign(beyond, distance(Math.abs(beyond), unitOf(data))) : "";
}

/** That of the status; what is on track, but not better than its target, has none. */
function toneOf({ current_value, direction, status, target_value }) {
    const tones = { at_risk: "warning", off_target: "danger", on_target: "success" };
    const isBehind =
        direction === "lower" ? current_value > target_value : current_value < target_value;
    const isPale = status === "on_target" && direction !== "range" && isBehind;
    return isPale ? "" : `o_kpi_status_${tones[status]}`;
}
