import { Component, useRef, useState } from "@odoo/owl";
import { GaugeDetails } from "@kpi_tracking/eager/gauge/gauge_details";
import { arrow, band, labelAnchor, needle, STYLES, tick, valueSize } from "./gauge_geometry";
import { useNearness } from "./nearness";
import { fillSpan, scalePosition, zoneSpans } from "@kpi_tracking/eager/gauge/scale";

const FULL = [0, 1]; // of the scale
const NEAR = 0.26; // of the scale: two numbers closer than this would touch

/**
 * A number on a scale with colour zones. Knows nothing of records: numbers say where things
 * lie, texts come formatted. The details are asked for when they open.
 */
export class Gauge extends Component {
    static template = "kpi_tracking.Gauge";
    static components = { GaugeDetails };
    static props = {
        details: { type: Function, optional: true }, // () => [[label, text], …]
        high: { type: Number },
        highText: { type: String, optional: true },
        isAnimated: { type: Boolean, optional: true },
        isLazy: { type: Boolean, optional: true }, // drawn when it comes near
        isRunning: { type: Boolean, optional: true },
        label: { type: String },
        low: { type: Number },
        lowText: { type: String, optional: true },
        marks: { type: Array, element: Object, optional: true }, // {kind, value, text}
        number: { type: String },
        spoken: { type: String },
        status: { type: Object, optional: true }, // {path, tone, word}
        type: { type: String },
        unit: { type: String, optional: true },
        value: { type: [Number, { value: null }], optional: true },
        zones: { type: Array, element: Object, optional: true },
    };
    static defaultProps = { marks: [], unit: "", value: null, zones: [] };

    setup() {
        this.state = useState({ isOpen: false });
        this.nearness = useNearness(useRef("root"), this.props.isLazy);
    }

    get isKnown() {
        return this.props.value !== null;
    }

    get hasNeedle() {
        return this.props.type === "speedometer";
    }

    /** A length is read from zero on: where zero is not on the scale a pointer stands. */
    get hasPointer() {
        const { high, low, type } = this.props;
        return type === "linear" && (low > 0 || high < 0);
    }

    get scale() {
        return { low: this.props.low, high: this.props.high };
    }

    get classes() {
        const { isAnimated, isRunning, type } = this.props;
        return [
            `o_kpi_gauge_${type}`,
            isAnimated ? "o_kpi_gauge_animated" : "",
            isRunning ? "o_kpi_gauge_running" : "",
        ].join(" ");
    }

    /** Only what is coloured carries the properties of a tone: a browser computes them anew
     * for all that inherits them. */
    get tone() {
        return this.props.status ? `o_kpi_status_${this.props.status.tone}` : "";
    }

    /** A number beyond the scale is at its end; the words say which number it is. */
    get meter() {
        const { details, high, label, low, spoken, value } = this.props;
        const focus = details ? { tabindex: "0" } : {};
        if (!this.isKnown) {
            return { ...focus, role: "img", "aria-label": `${label}: ${spoken}` };
        }
        return {
            ...focus,
            role: "meter",
            "aria-label": label,
            "aria-valuemax": high,
            "aria-valuemin": low,
            "aria-valuenow": Math.min(Math.max(value, low), high),
            "aria-valuetext": spoken,
        };
    }

    get box() {
        const [width, height] = STYLES[this.props.type].size;
        return `0 0 ${width} ${height}`;
    }

    /** All paths of the drawing. */
    get drawing() {
        const { marks, type, value, zones } = this.props;
        const { fill, zone } = STYLES[type];
        const { scale } = this;
        const at = this.isKnown ? scalePosition(value, scale) : null;
        return {
            track: band(type, fill, ...FULL),
            zones: zoneSpans(zones, scale).map(({ low, high, color }) => ({
                color,
                path: band(type, zone, low, high),
            })),
            fill:
                at && !this.hasNeedle && !this.hasPointer
                    ? band(type, fill, ...fillSpan(value, scale))
                    : "",
            pointer: at && this.hasPointer ? tick(type, at.ratio) : "",
            needle: at && this.hasNeedle ? needle(at.ratio) : "",
            turn: at && this.hasNeedle ? `--kpi-gauge-turn: ${-180 * at.ratio}deg` : null,
            arrow: at && at.beyond ? arrow(type, at.beyond) : "",
            ticks: marks
                .map((mark) => ({ ...mark, at: scalePosition(mark.value, scale) }))
                .filter((mark) => !mark.at.beyond)
                .map(({ at, kind }) => ({ kind, path: tick(type, at.ratio) })),
        };
    }

    /** Numbers beside the track: those of marks, and of both ends where there is room. */
    get labels() {
        const { highText, lowText, marks, type } = this.props;
        const named = marks
            .filter((mark) => mark.text)
            .map(({ text, value }) => ({ text, at: scalePosition(value, this.scale) }))
            .filter(({ at }) => !at.beyond)
            .map(({ at, text }) => ({ text, ratio: at.ratio, kind: "mark" }));
        const ends = [
            { text: lowText, ratio: 0, kind: "end" },
            { text: highText, ratio: 1, kind: "end" },
        ].filter((end) => end.text && named.every((n) => Math.abs(n.ratio - end.ratio) > NEAR));
        return [...named, ...ends].map(({ kind, ratio, text }) => ({
            kind,
            text,
            ...labelAnchor(type, ratio, text),
        }));
    }

    /** The number within the drawing; beside it where that is a line. */
    get inner() {
        const { number, type, unit } = this.props;
        const [x, y, room] = STYLES[type].value;
        return room ? { x, y, size: valueSize(type, number, unit) } : null;
    }

    open() {
        this.state.isOpen = Boolean(this.props.details);
    }

    close() {
        this.state.isOpen = false;
    }

    onKeydown(ev) {
        if (ev.key === "Escape" && this.state.isOpen) {
            ev.stopPropagation();
            this.close();
        }
    }
}
