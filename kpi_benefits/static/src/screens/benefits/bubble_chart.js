import { Component } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { BenefitChart, commonOptions } from "./benefit_chart";
import { formatRate } from "./rate_gauge";
import { month as writeMonth } from "@kpi_base/eager/formatting/formatting";
import { formatDay } from "@kpi_base/eager/formatting/reader";

const LARGEST = 28; // pixels, half the width of the largest bubble
const SMALLEST = 4;
const TICKS = 6;

/** Bubbles of benefits: when they begin, how likely they come, how much they are. */
export function toBubbles(benefits) {
    const most = Math.max(...benefits.map(({ planned }) => planned));
    return benefits.map(({ confidence, planned, start }) => ({
        r: Math.max(SMALLEST, LARGEST * Math.sqrt(planned / most)),
        x: deserializeDate(start).toMillis(),
        y: confidence,
    }));
}

/** Confidence by time, as large as what is planned. */
export class BubbleChart extends Component {
    static template = "kpi_benefits.BubbleChart";
    static components = { BenefitChart };
    static props = {
        benefits: { type: Array, element: Object },
        exact: { type: Function },
        isTable: { type: Boolean, optional: true },
        onBenefit: { type: Function },
    };

    formatRate = formatRate;

    day(date) {
        return formatDay(deserializeDate(date));
    }

    month(date) {
        return writeMonth(date);
    }

    choose(index) {
        this.props.onBenefit(this.props.benefits[index].id);
    }

    describe({ dataIndex }) {
        const { confidence, name, planned } = this.props.benefits[dataIndex];
        return `${name}: ${this.props.exact(planned)}, ${formatRate(confidence)}`;
    }

    config(color) {
        const options = commonOptions(color, this.choose.bind(this));
        const { x, y } = options.scales;
        const title = (text) => ({ color: color("--kpi-faint"), display: true, text });
        const month = (millis) => writeMonth(luxon.DateTime.fromMillis(millis));
        // Each month once. Of a single one Chart.js alone would draw years around it.
        const name = (millis, at, ticks) =>
            at && month(ticks[at - 1].value) === month(millis) ? "" : month(millis);
        const starts = this.props.benefits.map(({ start }) => deserializeDate(start));
        return {
            type: "bubble",
            data: {
                datasets: [
                    {
                        backgroundColor: `color-mix(in srgb, ${color("--kpi-series-1")} 45%, transparent)`,
                        borderColor: color("--kpi-series-1"),
                        clip: LARGEST,
                        data: toBubbles(this.props.benefits),
                        hoverBackgroundColor: color("--kpi-series-1"),
                    },
                ],
            },
            options: {
                ...options,
                layout: { padding: { right: LARGEST, top: LARGEST } },
                plugins: {
                    legend: { display: false },
                    tooltip: { callbacks: { label: this.describe.bind(this) } },
                },
                scales: {
                    x: {
                        ...x,
                        max: luxon.DateTime.max(...starts)
                            .plus({ months: 1 })
                            .toMillis(),
                        min: luxon.DateTime.min(...starts)
                            .minus({ months: 1 })
                            .toMillis(),
                        ticks: { ...x.ticks, callback: name, maxTicksLimit: TICKS },
                        title: title(_t("First month")),
                    },
                    y: {
                        ...y,
                        max: 1,
                        min: 0,
                        ticks: { ...y.ticks, callback: formatRate },
                        title: title(_t("Latest score")),
                    },
                },
            },
        };
    }
}
