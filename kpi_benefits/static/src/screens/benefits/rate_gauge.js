import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";
import { onDemand } from "@kpi_tracking/eager/on_demand/on_demand";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";

const PERCENT = 100;
const LOW = 80; // as the rules that suggest the status of a benefit
const ENOUGH = 90;
const HIGHEST = 120; // end of the scale
const SPACE = "\u202f";
const ZONES = [
    { color: "danger", from: null, to: LOW },
    { color: "warning", from: LOW, to: ENOUGH },
    { color: "success", from: ENOUGH, to: null },
];

/** A rate in percent, as “84.5 %”; a dash where there is none. */
export function formatRate(rate) {
    if (rate === null) {
        return "–";
    }
    return `${formatFloat(rate * PERCENT, { digits: [0, 1], trailingZeros: false })}${SPACE}%`;
}

/** Status of a realisation rate: the same limits as for benefits. */
export function rateStatus(rate) {
    if (rate === null) {
        return STATUSES.no_data;
    }
    const percent = rate * PERCENT;
    return percent < LOW
        ? STATUSES.off_target
        : percent < ENOUGH
          ? STATUSES.at_risk
          : STATUSES.on_target;
}

/** Realised as a share of what was planned to date. */
export class RateGauge extends Component {
    static template = "kpi_benefits.RateGauge";
    static components = { Gauge: onDemand("kpi_tracking.Gauge") };
    static props = { rate: { type: [Number, { value: null }] } };

    get gauge() {
        const { rate } = this.props;
        const number = formatRate(rate).split(SPACE)[0];
        const status = rateStatus(rate);
        return {
            high: HIGHEST,
            highText: `${HIGHEST}${SPACE}%`,
            isAnimated: true,
            label: _t("Realization rate"),
            low: 0,
            lowText: `0${SPACE}%`,
            marks: [{ kind: "target", text: "", value: PERCENT }],
            number,
            spoken: `${formatRate(rate)}, ${status.word}`,
            status,
            type: "circular",
            unit: rate === null ? "" : `${SPACE}%`,
            value: rate === null ? null : rate * PERCENT,
            zones: ZONES,
        };
    }
}
