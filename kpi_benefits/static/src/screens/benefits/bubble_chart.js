import { Component } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { scaleTitle, STYLE } from "@kpi_tracking/charts/chart_options";
import { BenefitChart, benefitOptions } from "./benefit_chart";
import { formatRate } from "./rate_gauge";
import { month as writeMonth } from "@kpi_base/eager/formatting/formatting";
import { formatDay } from "@kpi_base/eager/formatting/reader";

const LARGEST = 28; // pixels, half the width of the largest bubble
const SMALLEST = 4;

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

    config(look) {
        const onElement = this.choose.bind(this);
        const options = benefitOptions(look, { format: formatRate, onElement });
        const { x, y } = options.scales;
        const color = look.color("--kpi-series-1");
        options.plugins.tooltip.callbacks = { label: this.describe.bind(this) };
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
                        backgroundColor: look.fade(color, STYLE.running),
                        borderColor: color,
                        clip: LARGEST,
                        data: toBubbles(this.props.benefits),
                        hoverBackgroundColor: color,
                    },
                ],
            },
            options: {
                ...options,
                layout: { padding: { right: LARGEST, top: LARGEST } },
                scales: {
                    x: {
                        ...x,
                        max: luxon.DateTime.max(...starts)
                            .plus({ months: 1 })
                            .toMillis(),
                        min: luxon.DateTime.min(...starts)
                            .minus({ months: 1 })
                            .toMillis(),
                        ticks: { ...x.ticks, callback: name, maxTicksLimit: STYLE.ticks },
                        title: scaleTitle(look, _t("First month")),
                    },
                    y: {
                        ...y,
                        max: 1,
                        min: 0,
                        title: scaleTitle(look, _t("Latest score")),
                    },
                },
            },
        };
    }
}
