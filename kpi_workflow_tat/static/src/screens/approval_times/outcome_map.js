import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { compact, plain } from "@kpi_base/eager/formatting/formatting";

// Narrow enough for letters of 10 pixels at least on the smallest phones.
const START = { width: 92, x: 2 };
const BOX = { height: 44, width: 144, x: 156 };
const STEP = 56;
const WIDTH = BOX.x + BOX.width + 2;
const THICKEST = 5;
const HOURS = { kind: "duration", decimals: 1, durationUnit: "hour" };

/** How requests ended, as a small map; a click leads to the requests of an outcome. */
export class OutcomeMap extends Component {
    static template = "kpi_workflow_tat.OutcomeMap";
    static props = {
        count: { type: Number },
        ends: { type: Array, element: Object },
        onOutcome: { type: Function },
    };

    BOX = BOX;
    START = START;
    count = (number) => plain(number, 0);

    get names() {
        return {
            approved: _t("Approved"),
            open: _t("Open"),
            rejected: _t("Rejected"),
            withdrawn: _t("Withdrawn"),
        };
    }

    get drawing() {
        const { count, ends } = this.props;
        const height = ends.length * STEP;
        const middle = height / 2;
        const most = Math.max(...ends.map((end) => end.count));
        return {
            height,
            middle,
            width: WIDTH,
            ends: ends.map((end, at) => {
                const y = (at + 0.5) * STEP;
                const from = START.x + START.width;
                const bend = (from + BOX.x) / 2;
                return {
                    ...end,
                    y,
                    d: `M ${from} ${middle} C ${bend} ${middle} ${bend} ${y} ${BOX.x - 9} ${y}`,
                    isMost: end.count === most,
                    name: this.names[end.outcome],
                    stroke: 1 + (THICKEST - 1) * Math.sqrt(end.count / count),
                    text: this.describe(end),
                };
            }),
        };
    }

    describe({ count, hours }) {
        return hours === null
            ? this.count(count)
            : `${this.count(count)} · ${compact(hours, HOURS)}`;
    }

    onKey(event, end) {
        if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            this.props.onOutcome(end);
        }
    }
}
