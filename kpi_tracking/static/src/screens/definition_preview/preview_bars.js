import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { barDataset, baseOptions, nameScale, valueScale } from "@kpi_tracking/charts/chart_options";
import { barNumbers } from "@kpi_tracking/charts/chart_plugins";
import { useChart } from "@kpi_tracking/charts/use_chart";

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
        useChart(
            (look) => this.config(look),
            () => [this.props.points],
        );
    }

    config(look) {
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
