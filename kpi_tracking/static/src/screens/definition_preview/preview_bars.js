import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import {
    barDataset,
    baseOptions,
    chartLook,
    nameScale,
    valueScale,
} from "@kpi_tracking/charts/chart_options";
import { barNumbers } from "@kpi_tracking/charts/chart_plugins";

/** Values that are counted as bars, each with its number; that of the running period is paler. */
export class PreviewBars extends Component {
    static template = "kpi_tracking.PreviewBars";
    static props = {
        format: { type: Function },
        label: { type: String },
        points: { type: Array, element: Object },
        precision: { type: Number, optional: true },
    };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, this.config());
                return () => chart.destroy();
            },
            () => [this.props.points],
        );
    }

    config() {
        const look = chartLook(this.canvas.el);
        const { format, points, precision } = this.props;
        const described = {
            color: look.color("--kpi-series-1"),
            data: points.map(({ value }) => value),
            isRunning: points.at(-1)?.running,
            label: _t("Value"),
        };
        const options = baseOptions(look);
        options.plugins.tooltip.callbacks = {
            label: ({ dataset, parsed }) => `${dataset.label}: ${format(parsed.y)}`,
        };
        const numbers = points.map(({ value }) => (typeof value === "number" ? format(value) : ""));
        return {
            type: "bar",
            data: {
                labels: points.map(({ label }) => label),
                datasets: [barDataset(described, look)],
            },
            plugins: [barNumbers(numbers, look)],
            options: {
                ...options,
                layout: { padding: { top: look.px(20) } },
                scales: {
                    x: nameScale(look),
                    y: valueScale(look, { format, precision, startsAtZero: true }),
                },
            },
        };
    }
}
