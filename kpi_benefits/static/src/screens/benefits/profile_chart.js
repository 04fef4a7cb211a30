import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { expectedRange, expectedText } from "@kpi_tracking/eager/kpi_format/expected_text";
import { BenefitChart, commonOptions } from "./benefit_chart";
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

    config(color) {
        const { format, onMonths } = this.props;
        const options = commonOptions(color, onMonths && this.choose.bind(this));
        options.scales.y.beginAtZero = true;
        options.scales.y.ticks.callback = (value) => (value ? format(value) : "0");
        return {
            type: "bar",
            data: {
                labels: this.bars.map((bar) => bar.label),
                datasets: [
                    this.amounts("planned", _t("Planned"), color("--kpi-series-6")),
                    this.amounts("realized", _t("Realized"), color("--kpi-series-1")),
                    ...this.expected(color), // behind the others
                ],
            },
            options: {
                ...options,
                interaction: { intersect: false, mode: "index" },
                plugins: {
                    legend: {
                        align: "end",
                        labels: {
                            boxWidth: 12,
                            color: color("--kpi-faint"),
                            filter: ({ datasetIndex }, { datasets }) =>
                                !datasets[datasetIndex].isLimit,
                        },
                    },
                    tooltip: {
                        callbacks: { label: this.describe.bind(this) },
                        filter: ({ dataIndex, dataset, parsed }) =>
                            !dataset.isLimit &&
                            parsed.y !== null &&
                            (!dataset.isExpected || Boolean(this.bars[dataIndex].expected)),
                    },
                },
            },
        };
    }

    describe({ dataIndex, dataset, parsed }) {
        return dataset.isExpected
            ? expectedText(this.bars[dataIndex].expected, this.props.format)
            : `${dataset.label}: ${this.props.exact(parsed.y)}`;
    }

    /** Bars; of running totals lines. */
    amounts(name, label, tone) {
        const look = { backgroundColor: tone, data: this.bars.map((bar) => bar[name]), label };
        return this.step === "total"
            ? { ...look, borderColor: tone, borderWidth: 2, pointRadius: 0, type: "line" }
            : { ...look, maxBarThickness: 40 };
    }

    /** A dashed line, and the band in which it lies with 80%. */
    expected(color) {
        if (!this.hasExpected) {
            return [];
        }
        const tone = color("--kpi-series-2");
        const line = { borderColor: tone, spanGaps: true, type: "line" };
        const limit = { ...line, borderWidth: 0, isLimit: true, pointRadius: 0 };
        const shade = `color-mix(in srgb, ${tone} 22%, transparent)`;
        return [
            {
                ...line,
                backgroundColor: shade,
                borderDash: [4, 3],
                borderWidth: 2,
                data: this.along("value"),
                isExpected: true,
                label: _t("Expected"),
                pointBackgroundColor: tone,
                pointRadius: this.bars.map(({ expected }) => (expected ? 2 : 0)),
            },
            { ...limit, data: this.along("low"), label: _t("Expected, low") },
            {
                ...limit,
                backgroundColor: shade,
                data: this.along("high"),
                fill: "-1",
                label: _t("Expected, high"),
            },
        ];
    }

    /** A number of what is expected; running totals go on from what was realised. */
    along(name) {
        const last = this.bars.findLastIndex(({ realized }) => realized !== null);
        return this.bars.map(({ expected, realized }, at) => {
            const isStart = this.step === "total" && at === last && !expected;
            return expected ? expected[name] : isStart ? realized : null;
        });
    }
}
