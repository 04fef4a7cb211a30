import { Component, useState } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { BenefitChart, commonOptions } from "./benefit_chart";
import { isByYear, toBars } from "./profile";

/** Planned beside realised, by month or by year. */
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
        this.state = useState({ byYear: undefined });
        this.drawn = {};
    }

    get byYear() {
        return isByYear(this.props.months, this.state.byYear);
    }

    /** The same array while nothing changes: a new one is drawn anew. */
    get bars() {
        const { months } = this.props;
        const { byYear } = this;
        if (this.drawn.months !== months || this.drawn.byYear !== byYear) {
            const nameMonth = (start) => deserializeDate(start).toFormat("LLL yy");
            this.drawn = { bars: toBars(months, byYear, nameMonth), byYear, months };
        }
        return this.drawn.bars;
    }

    get label() {
        const sum = (name) => this.props.months.reduce((all, one) => all + (one[name] || 0), 0);
        return _t("Planned %(planned)s, realized %(realized)s", {
            planned: this.props.format(sum("planned")),
            realized: this.props.format(sum("realized")),
        });
    }

    setByYear(byYear) {
        this.state.byYear = byYear;
    }

    choose(index) {
        const { first, last } = this.bars[index];
        this.props.onMonths(first, last);
    }

    config(color) {
        const { exact, format, onMonths } = this.props;
        const options = commonOptions(color, onMonths && this.choose.bind(this));
        const series = (name, label, tone) => ({
            label,
            data: this.bars.map((bar) => bar[name]),
            backgroundColor: color(tone),
            maxBarThickness: 40,
        });
        options.scales.y.beginAtZero = true;
        options.scales.y.ticks.callback = (value) => (value ? format(value) : "0");
        return {
            type: "bar",
            data: {
                labels: this.bars.map((bar) => bar.label),
                datasets: [
                    series("planned", _t("Planned"), "--kpi-series-5"),
                    series("realized", _t("Realized"), "--kpi-series-1"),
                ],
            },
            options: {
                ...options,
                interaction: { intersect: false, mode: "index" },
                plugins: {
                    legend: {
                        align: "end",
                        labels: { boxWidth: 12, color: color("--kpi-axis-text") },
                    },
                    tooltip: {
                        callbacks: {
                            label: ({ dataset, parsed }) =>
                                parsed.y === null ? "" : `${dataset.label}: ${exact(parsed.y)}`,
                        },
                    },
                },
            },
        };
    }
}
