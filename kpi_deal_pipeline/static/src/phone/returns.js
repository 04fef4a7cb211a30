import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { compact as formatKpi } from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { phoneScreens } from "@kpi_tracking_phone/app/shell/screens";
import { callModel, Unreachable } from "@kpi_tracking_phone/stored/server";

const MODEL = "kpi.deal.roi";
const DOMAIN = [
    ["date", ">=", "=1d -11m"],
    ["is_year_before", "=", false],
];
const SUMS = ["value_won:sum", "commission_cost:sum", "value_per_cost:avg"];
const TIMES = { kind: "custom", decimals: 1, symbol: "×", durationUnit: "day" };

/** Value won and commission cost of each agent in the last 12 months, and their ratio. */
export class Returns extends Component {
    static template = "kpi_deal_pipeline.PhoneReturns";
    static props = { about: { type: String } };

    setup() {
        this.state = useState({ agents: [], isLoaded: false, problem: "" });
        onWillStart(() => this.load());
    }

    async load() {
        try {
            const groups = ["agent_id", "currency_id"];
            const rows = await callModel(MODEL, "formatted_read_group", DOMAIN, groups, SUMS);
            this.state.agents = rows.map((row) => this.describe(row));
            this.state.isLoaded = true;
        } catch (error) {
            const isOffline = error instanceof Unreachable;
            this.state.problem = isOffline ? _t("The report needs reception.") : error.message;
        }
    }

    describe(row) {
        const [currencyId] = row.currency_id;
        const unit = unitOfAnswer({ currencyId, kind: "currency" });
        const ratio = row["value_per_cost:avg"];
        return {
            cost: formatKpi(row["commission_cost:sum"], unit),
            key: `${row.agent_id[0]} ${currencyId}`,
            name: row.agent_id[1],
            ratio: typeof ratio === "number" ? formatKpi(ratio, TIMES) : "–",
            won: formatKpi(row["value_won:sum"], unit),
        };
    }
}

phoneScreens.add("returns", {
    component: Returns,
    model: MODEL,
    sequence: 51,
    word: _t("Return on Commission"),
});
