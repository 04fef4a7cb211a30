import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { expectedRange, expectedText } from "@kpi_tracking/eager/kpi_format/expected_text";
import { barDataset, forecastDatasets, lineDataset } from "@kpi_tracking/charts/chart_options";
import { BenefitChart, benefitOptions } from "./benefit_chart";
import { stepOf, toBars } from "./profile";
import { month } from "@kpi_base/eager/formatting/formatting";

/** Planned beside realised, and what is expected with the band in which it lies: by
 * month, by year or added up. */
export class ProfileChart extends Component {
    static template = "kpi_benefits.ProfileChart";
    static components = { BenefitChart };
    static props = {
        exact: { type: Function },
        format: { type: Function },
        isTable: { type: Boolean, optional: true },
        months: { type: Array, element: Object },
        onMonths: { type: Function, optional: true }, // (first, last) were chosen
    };

    setup() {
        this.state = useState({ step: "" });
        this.drawn = {};
    }

    get step() {
        return stepOf(this.props.months, this.state.step);
    }

    get steps() {
        return [
            ["month", _t("Months")],
            ["year", _t("Years")],
            ["total", _t("Running total")],
        ];
    }

    /** The same array while nothing changes: a new one is drawn anew. */
    get bars() {
        const { months } = this.props;
        const { step } = this;
        if (this.drawn.months !== months || this.drawn.step !== step) {
            this.drawn = { bars: toBars(months, step, (start) => month(start)), months, step };
        }
        return this.drawn.bars;
    }

    get hasExpected() {
        return this.props.months.some(({ expected }) => expected);
    }

    get label() {
        const sum = (name) => this.props.months.reduce((all, one) => all + (one[name] || 0), 0);
        return _t("Planned %(planned)s, realized %(realized)s", {
            planned: this.props.format(sum("planned")),
            realized: this.props.format(sum("realized")),
        });
    }

    range({ expected }) {
        return expected ? expectedRange(expected, this.props.exact) : "–";
    }

    choose(index) {
        const { first, last } = this.bars[index];
        this.props.onMonths(first, last);
    }

    config(look) {
        const { format, onMonths } = this.props;
        const options = benefitOptions(look, {
            format: (value) => (value ? format(value) : "0"),
            onElement: onMonths && this.choose.bind(this),
            startsAtZero: true,
        });
        const { legend, tooltip } = options.plugins;
        Object.assign(legend, { align: "end", display: true, position: "top" });
        legend.labels.filter = ({ datasetIndex }, { datasets }) => !datasets[datasetIndex].isLimit;
        Object.assign(tooltip, {
            callbacks: { label: this.describe.bind(this) },
            filter: ({ dataIndex, dataset, parsed }) =>
                !dataset.isLimit &&
                parsed.y !== null &&
                (!dataset.isExpected || Boolean(this.bars[dataIndex].expected)),
        });
        return {
            type: "bar",
            data: {
                labels: this.bars.map((bar) => bar.label),
                datasets: [
                    this.amounts(look, "planned", _t("Planned"), "--kpi-series-6"),
                    this.amounts(look, "realized", _t("Realized"), "--kpi-series-1"),
                    ...this.forecast(look), // behind the others
                ],
            },
            options: { ...options, interaction: { intersect: false, mode: "index" } },
        };
    }

    describe({ dataIndex, dataset, parsed }) {
        return dataset.isExpected
            ? expectedText(this.bars[dataIndex].expected, this.props.format)
            : `${dataset.label}: ${this.props.exact(parsed.y)}`;
    }

    /** Bars; of running totals lines. */
    amounts(look, name, label, tone) {
        const data = this.bars.map((bar) => bar[name]);
        const described = { color: look.color(tone), data, label };
        return this.step === "total"
            ? { ...lineDataset(described, look), type: "line" }
            : barDataset(described, look);
    }

    /** A dotted line, and the band in which it lies with 80%; running totals go on from
     * what was realized. */
    forecast(look) {
        if (!this.hasExpected) {
            return [];
        }
        return forecastDatasets(
            {
                along: this.bars.map(({ expected }) => expected),
                color: look.color("--kpi-series-2"),
                label: _t("Expected"),
                values: this.bars.map(({ realized }) => (this.step === "total" ? realized : null)),
            },
            look,
        );
    }
}
