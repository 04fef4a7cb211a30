import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

const PERCENT = 100;
// `open` shows the records behind a value, `size` is that value
const SIDE = {
    label: String,
    open: { type: Function, optional: true },
    size: { type: Number, optional: true },
    text: String,
};

/**
 * Where bars lie, in percent of the width: those of steps that are added one after the other
 * to `first`, and the whole of `first` and of what becomes of it, from zero on.
 */
export function layoutSteps(sizes, first = 0) {
    const ends = [first];
    for (const size of sizes) {
        ends.push(ends.at(-1) + size);
    }
    const low = Math.min(0, ...ends);
    const span = Math.max(0, ...ends) - low || 1;
    const place = (value) => (PERCENT * (value - low)) / span;
    const bar = (start, end) => ({
        start: place(Math.min(start, end)),
        width: (PERCENT * Math.abs(end - start)) / span,
    });
    return {
        zero: place(0),
        first: bar(0, first),
        bars: sizes.map((_size, at) => bar(ends[at], ends[at + 1])),
        last: bar(0, ends.at(-1)),
    };
}

/**
 * Steps of a `Waterfall`, of the parts of a change; the others together where they are many.
 *
 * @param {{kind: string, label: string, part: number, text: string,
 *     rest_text: string}[]} parts largest first; `rest_text` is of it and all after it
 * @param {number} most steps
 */
export function listSteps(parts, most) {
    const shown = parts.length > most ? parts.slice(0, most - 1) : parts;
    const steps = shown.map(({ kind, label, part, text }) => ({
        label,
        note: { mix: _t("share of total"), rate: _t("own value") }[kind] || "",
        size: part,
        text,
    }));
    const others = parts.slice(shown.length);
    if (others.length) {
        steps.push({
            label: _t("%s more parts", others.length),
            size: others.reduce((sum, { part }) => sum + part, 0),
            text: others[0].rest_text,
        });
    }
    return steps;
}

function styleOf({ start, width }) {
    return `inset-inline-start: ${start}%; inline-size: ${width}%`;
}

/**
 * Steps from one value to another, each a bar that begins where the one before ends; both
 * values are drawn whole, from zero on.
 */
export class Waterfall extends Component {
    static template = "kpi_tracking_analytics.Waterfall";
    static props = {
        first: { type: Object, shape: SIDE },
        last: { type: Object, shape: SIDE },
        steps: {
            type: Array,
            element: {
                type: Object,
                shape: { ...SIDE, note: { type: String, optional: true }, size: Number },
            },
        },
    };

    get layout() {
        const sizes = this.props.steps.map((step) => step.size);
        return layoutSteps(sizes, this.props.first.size);
    }

    get rows() {
        const { bars } = this.layout;
        return this.props.steps.map((step, at) => ({
            ...step,
            direction: step.size < 0 ? "down" : "up",
            style: styleOf(bars[at]),
        }));
    }

    /** A line from which both values are drawn. */
    get zeroStyle() {
        return `inset-inline-start: ${this.layout.zero}%`;
    }

    get firstStyle() {
        return styleOf(this.layout.first);
    }

    get lastStyle() {
        return styleOf(this.layout.last);
    }
}
