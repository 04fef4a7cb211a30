import { Component, useRef, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { isolate as fromLeft } from "@kpi_base/eager/formatting/formatting";
import { GaugeDetails } from "./gauge_details";
import { fillSpan, scalePosition, zoneSpans } from "./scale";

const BESIDE = 0.5; // of the box is left for the scale where a number stands beside it
const TRACK = { from: 0, to: 1, top: "24%", height: "42%" };
const INK = "var(--kpi-ink)";
const flat = (color) => `linear-gradient(${color} 0 0)`;
const striped = (color) =>
    `repeating-linear-gradient(90deg,color-mix(in srgb,${color} 60%,transparent) 0 4px,transparent 4px 6px)`;
const TICKS = {
    baseline: `repeating-linear-gradient(${INK} 0 3px,transparent 3px 5px)`,
    target: flat(INK),
    whole: flat("var(--kpi-target)"),
};

/**
 * A number on a slim scale for rows and cards: one box whose background is the drawing, as
 * hundreds of them lie on a page. Takes what a linear `Gauge` takes. A field that is one
 * extends it, as each component more is time until a page of them is shown.
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
        status: { type: Object, optional: true }, // {path, tone, word}
        value: { type: [Number, { value: null }], optional: true },
        zones: { type: Array, element: Object, optional: true },
        "*": true, // texts and looks of a `Gauge` that a bar has no room for
    };

    setup() {
        this.root = useRef("root");
        this.state = useState({ isOpen: false });
    }

    /** @returns {Object} what is drawn: the props of a bar */
    get gauge() {
        return this.props;
    }

    /** All that the template asks for, at once. */
    drawBar() {
        const gauge = { marks: [], value: null, zones: [], ...this.gauge };
        return {
            ...gauge,
            background: background(gauge),
            beyond: gauge.value === null ? 0 : scalePosition(gauge.value, gauge).beyond,
            meter: meter(gauge),
            number: gauge.number && fromLeft(gauge.number),
        };
    }

    open() {
        this.state.isOpen = Boolean(this.gauge.details);
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

/** A number beyond the scale is at its end; the words say which number it is. */
function meter({ high, label, low, spoken, value }) {
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

/** The drawing as layers of a background, the uppermost first. */
function background(gauge) {
    const { marks, number, value, zones } = gauge;
    const room = number ? BESIDE : 1;
    const layers = [
        ...marks.flatMap((mark) => tick(mark, gauge)),
        ...(value === null ? [] : [fill(gauge)]),
        ...spans(zoneSpans(zones, gauge)),
        { ...TRACK, image: flat("var(--kpi-track)") },
    ].map((layer) => placed(layer, room));
    const all = (property) => layers.map((layer) => layer[property]).join(",");
    return `background-image:${all("image")};background-position:${all("position")};background-size:${all("size")}`;
}

/** A length is read from zero on: where zero is not on the scale a pointer stands. */
function fill(gauge) {
    const { high, isRunning, low, status, value } = gauge;
    const tones = { muted: "var(--kpi-faint)", undefined: "var(--kpi-series-1)" };
    const tone = tones[status?.tone] || `var(--kpi-${status.tone})`;
    if (low > 0 || high < 0) {
        const { ratio } = scalePosition(value, gauge);
        return { image: flat(tone), from: ratio, width: "6px", top: "50%", height: "100%" };
    }
    const [from, to] = fillSpan(value, gauge);
    return { ...TRACK, from, to, image: isRunning ? striped(tone) : flat(tone) };
}

/** Zones beside each other below the track, as one layer. */
function spans(zones) {
    if (!zones.length) {
        return [];
    }
    const stops = zones.map(
        ({ color, high, low }) => `var(--kpi-${color}) ${percent(low)} ${percent(high)}`,
    );
    const turn = isMirrored() ? 270 : 90;
    const image = `linear-gradient(${turn}deg,${stops.join(",")})`;
    return [{ image, from: 0, to: 1, top: "88%", height: "17%" }];
}

/** Across the track; none beyond the scale. */
function tick({ kind, value }, gauge) {
    const { beyond, ratio } = scalePosition(value, gauge);
    const width = kind === "target" ? "2px" : "1px";
    return beyond ? [] : [{ image: TICKS[kind], from: ratio, width, top: "50%", height: "75%" }];
}

/**
 * A layer on its share of the box, from where reading begins. What has a width of its own has
 * the same share of that width before its position as of the box.
 */
function placed({ from, height, image, to = from, top, width }, room) {
    const length = (to - from) * room;
    const share = length < 1 ? (from * room) / (1 - length) : 0;
    return {
        image,
        position: `${percent(isMirrored() ? 1 - share : share)} ${top}`,
        size: `${width || percent(length)} ${height}`,
    };
}

const isMirrored = () => localization.direction === "rtl";
const percent = (ratio) => `${Math.round(ratio * 10000) / 100}%`;
