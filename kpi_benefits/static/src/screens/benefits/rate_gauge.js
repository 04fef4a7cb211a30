import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { onDemand } from "@kpi_tracking/eager/on_demand/on_demand";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";
import { percent, plain, unitSymbols } from "@kpi_base/eager/formatting/formatting";

const PERCENT = 100;
const HIGHEST = 120; // end of the scale
const STATUS = { at_risk: "at_risk", no_data: "no_data", on_track: "on_target" };

/** A rate in percent, as “84.5%”; a dash where there is none. */
export function formatRate(rate) {
    if (rate === null) {
        return "–";
    }
    return percent(rate);
}

/** A rate for a sentence: a little is “less than 0.1%”, not nothing. */
export function sayRate(rate) {
    const text = formatRate(rate);
    return rate > 0 && text === formatRate(0) ? _t("less than %s", formatRate(0.001)) : text;
}

/** Zones around the limit of the server: above 100% it is one of disbenefits. */
export function zonesOf(limit) {
    if (limit === null) {
        return [];
    }
    const [low, high] = limit > 1 ? ["success", "warning"] : ["warning", "success"];
    const edge = limit * PERCENT;
    return [
        { color: low, from: null, to: edge },
        { color: high, from: edge, to: null },
    ];
}

/** Realised as a share of what was planned to date; how good it is, the server says. */
export class RateGauge extends Component {
    static template = "kpi_benefits.RateGauge";
    static components = { Gauge: onDemand("kpi_tracking.Gauge") };
    static props = {
        limit: { type: [Number, { value: null }] },
        rate: { type: [Number, { value: null }] },
        status: { type: String },
    };

    get gauge() {
        const { limit, rate } = this.props;
        const number = rate === null ? "–" : plain(rate * PERCENT, 1);
        const { before, after } = unitSymbols({ kind: "percent" });
        const status = STATUSES[STATUS[this.props.status]];
        const high = limit > 1 ? HIGHEST + limit * PERCENT - PERCENT : HIGHEST;
        return {
            high,
            highText: percent(high / PERCENT, 0),
            isAnimated: true,
            label: _t("Realization rate"),
            low: 0,
            lowText: percent(0, 0),
            marks: [{ kind: "target", text: "", value: PERCENT }],
            number: rate === null ? number : before + number,
            spoken: `${formatRate(rate)}, ${status.word}`,
            status,
            type: "circular",
            unit: rate === null ? "" : after,
            value: rate === null ? null : rate * PERCENT,
            zones: zonesOf(limit),
        };
    }
}
