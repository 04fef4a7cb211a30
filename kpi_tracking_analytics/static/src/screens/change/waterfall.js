import { Component } from "@odoo/owl";

const PERCENT = 100;
// `open` shows the records behind a value
const SIDE = { label: String, open: { type: Function, optional: true }, text: String };

/** Where the bars of steps lie that are added one after the other: percent of the width. */
export function layoutSteps(sizes) {
    const ends = [];
    for (const size of sizes) {
        ends.push((ends.at(-1) || 0) + size);
    }
    const low = Math.min(0, ...ends);
    const span = Math.max(0, ...ends) - low || 1;
    const place = (value) => (PERCENT * (value - low)) / span;
    return {
        zero: place(0),
        bars: ends.map((end, at) => {
            const start = ends[at - 1] || 0;
            return {
                start: place(Math.min(start, end)),
                width: (PERCENT * Math.abs(end - start)) / span,
                end: place(end),
            };
        }),
    };
}

/**
 * Steps from one value to another, each a bar that begins where the one before ends. Zero
 * of the bars is the first value: that of the KPI may be far away.
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
                shape: {
                    ...SIDE,
                    note: { type: String, optional: true },
                    size: Number,
                },
            },
        },
    };

    get layout() {
        return layoutSteps(this.props.steps.map((step) => step.size));
    }

    get rows() {
        const { bars } = this.layout;
        return this.props.steps.map((step, at) => ({
            ...step,
            direction: step.size < 0 ? "down" : "up",
            style: `inset-inline-start: ${bars[at].start}%; inline-size: ${bars[at].width}%`,
        }));
    }

    /** A line where the change begins. */
    get zeroStyle() {
        return `inset-inline-start: ${this.layout.zero}%`;
    }

    /** From the first value to the last one. */
    get totalStyle() {
        const { bars, zero } = this.layout;
        const end = bars.length ? bars.at(-1).end : zero;
        const width = Math.abs(end - zero);
        return `inset-inline-start: ${Math.min(zero, end)}%; inline-size: ${width}%`;
    }
}
