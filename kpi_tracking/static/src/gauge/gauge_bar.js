import { Component, useRef, useState } from "@odoo/owl";
import { GaugeDetails } from "./gauge_details";
import { filled, place, zoneSpans } from "./scale";

const INK = "var(--kpi-gauge-ink)";
const TRACK = { from: 0, to: 1, color: "var(--kpi-gauge-track)", room: "24% / 42%" };

/**
 * A number on a slim scale for rows and cards: one box whose background is the drawing, as
 * hundreds of them lie on a page. Takes what a linear `Gauge` takes.
 */
export class GaugeBar extends Component {
    static template = "kpi_tracking.GaugeBar";
    static components = { GaugeDetails };
    static props = {
        details: { type: Function, optional: true }, // () => [[label, text], …]
        high: { type: Number },
        isRunning: { type: Boolean, optional: true },
        label: { type: String },
        low: { type: Number },
        marks: { type: Array, element: Object, optional: true }, // {kind, value}
        number: { type: String },
        spoken: { type: String },
        status: { type: Object, optional: true }, // {icon, tone, word}
        value: { type: [Number, { value: null }], optional: true },
        zones: { type: Array, element: Object, optional: true },
        "*": true, // texts and looks of a `Gauge` that a bar has no room for
    };
    static defaultProps = { marks: [], value: null, zones: [] };

    setup() {
        this.root = useRef("root");
        this.state = useState({ isOpen: false });
    }

    /** A number beyond the scale is at its end; the words say which number it is. */
    get meter() {
        const { high, label, low, spoken, value } = this.props;
        if (value === null) {
            return { role: "img", "aria-label": `${label}: ${spoken}` };
        }
        return {
            role: "meter",
            "aria-label": label,
            "aria-valuemax": high,
            "aria-valuemin": low,
            "aria-valuenow": Math.min(Math.max(value, low), high),
            "aria-valuetext": spoken,
        };
    }

    get tone() {
        const { status } = this.props;
        return status ? `var(--kpi-tone-${status.tone})` : "var(--kpi-series-1)";
    }

    /** Side on which the value lies beyond the scale: -1, 0 or 1. */
    get beyond() {
        const { value } = this.props;
        return value === null ? 0 : place(value, this.props).beyond;
    }

    /** Layers of the background, the uppermost first. */
    get background() {
        const { marks, value, zones } = this.props;
        const drawn = marks
            .map((mark) => ({ ...mark, at: place(mark.value, this.props) }))
            .filter(({ at }) => !at.beyond)
            .map(({ at, kind }) => tick(at.ratio, kind));
        const layers = [
            ...drawn,
            ...(value === null ? [] : [this.fill]),
            spans(zoneSpans(zones, this.props)),
            band({ ...TRACK, image: flat(TRACK.color) }),
        ];
        return layers.filter(Boolean).join(",");
    }

    /** A length is read from zero on: where zero is not on the scale a pointer stands. */
    get fill() {
        const { high, isRunning, low, value } = this.props;
        const { tone } = this;
        if (low > 0 || high < 0) {
            const { ratio } = place(value, this.props);
            return `${flat(tone)} ${percent(ratio)} 50%/6px 100% no-repeat`;
        }
        const [from, to] = filled(value, this.props);
        return band({ from, to, image: isRunning ? striped(tone) : flat(tone), room: TRACK.room });
    }

    open() {
        this.state.isOpen = Boolean(this.props.details);
    }

    close() {
        this.state.isOpen = false;
    }

    onMouseout({ relatedTarget }) {
        if (!this.root.el.contains(relatedTarget)) {
            this.close();
        }
    }
}

const percent = (ratio) => `${Math.round(ratio * 10000) / 100}%`;
const flat = (color) => `linear-gradient(${color} 0 0)`;
const striped = (color) =>
    `repeating-linear-gradient(90deg,color-mix(in srgb,${color} 60%,transparent) 0 4px,transparent 4px 6px)`;

/** A layer from one share of the scale to another; `room`: its top and height. */
function band({ from, image, room, to }) {
    const [top, height] = room.split(" / ");
    const start = to - from < 1 ? from / (1 - (to - from)) : 0;
    return `${image} ${percent(start)} ${top}/${percent(to - from)} ${height} no-repeat`;
}

/** Zones beside each other below the track, as one layer. */
function spans(zones) {
    if (!zones.length) {
        return "";
    }
    const stops = zones.map(
        ({ color, high, low }) => `var(--kpi-tone-${color}) ${percent(low)} ${percent(high)}`,
    );
    return `linear-gradient(90deg,${stops.join(",")}) 0 88%/100% 17% no-repeat`;
}

const TICKS = {
    baseline: `repeating-linear-gradient(${INK} 0 3px,transparent 3px 5px)`,
    target: flat(INK),
    whole: flat("var(--kpi-target-line)"),
};

/** Across the track; a share of the way is the same share of the tick's own width. */
function tick(ratio, kind) {
    const width = kind === "target" ? 2 : 1;
    return `${TICKS[kind]} ${percent(ratio)} 50%/${width}px 75% no-repeat`;
}
