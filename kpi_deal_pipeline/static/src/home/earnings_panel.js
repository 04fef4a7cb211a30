import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { homePanels } from "@kpi_tracking/home/home_panels";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { DealEstimate } from "../eager/deal_estimate/deal_estimate";
import { stepWords } from "../eager/deal_estimate/step_words";
import { formatMoney, formatMoneyExact } from "../eager/money_field/money_field";

/** What an agent has earned in the running period, and may earn with the open deals. */
export class EarningsPanel extends Component {
    static template = "kpi_deal_pipeline.EarningsPanel";
    static components = { DealEstimate };
    static props = { content: { type: Boolean } };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ dealId: 0, error: "", plans: null });
        onWillStart(() => {
            this.load(); // the frame is shown meanwhile
        });
    }

    get plans() {
        return (this.state.plans || []).map((plan) => {
            const { currency_id, next_step } = plan;
            const money = (amount) => ({
                text: formatMoney(amount, currency_id),
                exact: formatMoneyExact(amount, currency_id),
            });
            const numbers = [{ key: "earned", label: _t("Earned so far"), ...money(plan.earned) }];
            if (plan.deal_count) {
                numbers.push(
                    ...rangeOf(plan).map(({ key, label }) => ({ key, label, ...money(plan[key]) })),
                );
            }
            return {
                ...plan,
                certainty: plan.deal_count ? certaintyOf(plan) : "",
                bar: plan.deal_count && barOf(plan),
                nextStep: next_step ? stepWords(next_step, currency_id, formatMoney) : "",
                numbers,
                title: _t("%(period)s · %(plan)s · open deals due: %(count)s", {
                    period: plan.period,
                    plan: plan.plan,
                    count: plan.deal_count,
                }),
            };
        });
    }

    async load() {
        try {
            const asked = this.orm.silent.call("kpi.commission", "get_expected_earnings");
            Object.assign(this.state, { error: "", plans: await asked });
        } catch (error) {
            this.state.error = rpcMessage(error, _t("The estimate could not be computed."));
        }
    }

    chooseDeal(ev) {
        this.state.dealId = Number(ev.target.value);
    }
}

/** Figures of the range; equal ones are one figure. */
function rangeOf({ p10, p50, p90 }) {
    if (p10 === p90) {
        return [{ key: "p50", label: _t("Expected (P10 to P90)") }];
    }
    if (p10 === p50) {
        return [
            { key: "p50", label: _t("Low and median (P10, P50)") },
            { key: "p90", label: _t("High (P90)") },
        ];
    }
    if (p50 === p90) {
        return [
            { key: "p10", label: _t("Low (P10)") },
            { key: "p50", label: _t("Median and high (P50, P90)") },
        ];
    }
    return [
        { key: "p10", label: _t("Low (P10)") },
        { key: "p50", label: _t("Median (P50)") },
        { key: "p90", label: _t("High (P90)") },
    ];
}

/** Why figures of the range are equal; empty if they differ. */
function certaintyOf({ p10, p50, p90 }) {
    if (p10 === p90) {
        return _t("No range: at least 80% of the simulated outcomes give this amount.");
    }
    if (p10 === p50 || p50 === p90) {
        return _t(
            "Equal figures are shown once: at least 40% of the simulated outcomes give this amount.",
        );
    }
    return "";
}

/** Styles of what is earned, of the range and of its middle on a bar; null without one. */
function barOf({ earned, p10, p50, p90 }) {
    const full = Math.max(earned, p90);
    if (full <= 0) {
        return null;
    }
    const percent = (amount) => Math.min(Math.max((100 * amount) / full, 0), 100);
    return {
        earned: `inline-size: ${percent(earned)}%`,
        range:
            p10 < p90 &&
            `inset-inline-start: ${percent(p10)}%; inline-size: ${percent(p90) - percent(p10)}%`,
        middle: `inset-inline-start: ${percent(p50)}%`,
    };
}

homePanels.add("kpi_deal_pipeline.earnings", { component: EarningsPanel, sequence: 5 });
