import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { plain } from "@kpi_base/eager/formatting/formatting";
import { barDataset, baseOptions, nameScale, valueScale } from "@kpi_tracking/charts/chart_options";
import { chartLabels } from "@kpi_tracking/charts/chart_plugins";
import { useChart } from "@kpi_tracking/charts/use_chart";

const format = (value) => plain(value, 0);

/** Late decisions by month; the running month is paler. */
export class LateChart extends Component {
    static template = "kpi_workflow_tat.LateChart";
    static props = {
        months: { type: Array, element: Object },
        onMonth: { type: Function }, // (month) was chosen
    };

    setup() {
        useChart(
            (look) => this.config(look),
            () => [this.props.months],
        );
    }

    /** The chart in words, for those who do not see it. */
    get label() {
        const parts = this.props.months.map(({ late, name }) => `${name}: ${format(late)}`);
        return _t("Late decisions by month. %s", parts.join(", "));
    }

    config(look) {
        const { months, onMonth } = this.props;
        const options = baseOptions(look);
        options.plugins.tooltip.callbacks = {
            title: ([{ dataIndex }]) => months[dataIndex].name,
            label: ({ dataIndex }) =>
                _t("%(late)s late of %(count)s", {
                    count: format(months[dataIndex].count),
                    late: format(months[dataIndex].late),
                }),
        };
        const data = months.map(({ late }) => late);
        const bars = barDataset(
            {
                color: look.color("--kpi-series-1"),
                data,
                isRunning: months.at(-1).is_running,
                label: _t("Late decisions"),
            },
            look,
        );
        const numbers = data.map((late, at) => ({
            at,
            dataset: 0,
            text: format(late),
            tone: "--kpi-ink",
        }));
        return {
            type: "bar",
            plugins: [chartLabels({ numbers }, look)],
            data: { labels: months.map(({ label }) => label), datasets: [bars] },
            options: {
                ...options,
                layout: { padding: { top: look.px(16) } },
                onClick: (_ev, [found]) => found && onMonth(months[found.index]),
                onHover: ({ native }, [found]) => {
                    native.target.style.cursor = found ? "pointer" : "default";
                },
                scales: {
                    x: nameScale(look),
                    y: valueScale(look, { format, precision: 0, startsAtZero: true }),
                },
            },
        };
    }
}
