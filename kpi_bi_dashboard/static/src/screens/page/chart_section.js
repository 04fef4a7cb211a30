import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { ChartCanvas } from "@kpi_tracking_dashboard/screens/dashboard/tiles/chart_canvas";

// which limit of a forecast a scenario follows
const SCENARIOS = { cautious: "lows", likely: "values", ambitious: "highs" };

/** A chart of a page, as dashboards draw it; a forecast with limits has three scenarios. */
export class ChartSection extends Component {
    static template = "kpi_bi_dashboard.ChartSection";
    static components = { ChartCanvas };
    static props = { tile: { type: Object } };

    setup() {
        this.state = useState({ scenario: "likely" });
        this.drawn = new Map();
    }

    get scenarios() {
        const labels = {
            cautious: _t("Cautious"),
            likely: _t("Likely"),
            ambitious: _t("Ambitious"),
        };
        return Object.entries(labels).map(([name, label]) => ({
            name,
            label,
            isShown: name === this.state.scenario,
        }));
    }

    /** The same object while the scenario stays: another one redraws the chart. */
    get tile() {
        const { tile } = this.props;
        const known = this.drawn.get(tile) || {};
        const { scenario } = this.state;
        known[scenario] ||= followScenario(tile, SCENARIOS[scenario]);
        this.drawn.set(tile, known);
        return known[scenario];
    }
}

/** A tile whose first series continues along one of its limits. */
function followScenario(tile, limit) {
    if (limit === "values") {
        return tile;
    }
    const [main, ...others] = tile.chart.series;
    const expected = { ...main.expected, values: main.expected[limit] };
    return { ...tile, chart: { ...tile.chart, series: [{ ...main, expected }, ...others] } };
}
