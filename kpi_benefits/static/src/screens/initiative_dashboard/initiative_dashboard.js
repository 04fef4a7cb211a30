import { Component, onWillStart, useState } from "@odoo/owl";
import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { compact as formatKpi, full as formatKpiFull } from "@kpi_base/eager/formatting/formatting";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { GateList } from "../benefits/gate_list";
import { ProfileChart } from "../benefits/profile_chart";
import { formatRate, RateGauge, sayRate } from "../benefits/rate_gauge";
import { SeverityBars } from "../benefits/severity_bars";

const MOST_BENEFITS = 10; // of a programme there are many: the others stand in their list

/** One initiative: its benefits over time, leakages, gates and costs. */
export class InitiativeDashboard extends Component {
    static template = "kpi_benefits.InitiativeDashboard";
    static components = { GateList, Layout, ProfileChart, RateGauge, SeverityBars };
    static props = { ...standardActionServiceProps };

    count = (number) => formatInteger(number);
    formatRate = formatRate;
    sayRate = sayRate;

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ error: "", isTable: false, shown: null });
        this.money = (amount) => formatKpi(amount, this.unit);
        this.exact = (amount) => formatKpiFull(amount, this.unit);
        const { context = {} } = this.props.action;
        this.id = Number(context.active_id || router.current.initiative) || 0;
        this.props.updateActionState?.({ initiative: this.id || undefined });
        onWillStart(() => this.id && this.load());
    }

    get unit() {
        return { currencyId: this.state.shown.currency_id, decimals: 2, kind: "currency" };
    }

    get benefits() {
        return this.state.shown.benefits.slice(0, MOST_BENEFITS);
    }

    get costs() {
        const { actual_cost, forecast_cost, planned_cost } = this.state.shown;
        return [
            [_t("Planned"), planned_cost],
            [_t("Forecast"), forecast_cost],
            [_t("Actual"), actual_cost],
        ];
    }

    get hasCosts() {
        return this.costs.some(([, amount]) => amount !== null);
    }

    get hasLeakages() {
        return this.state.shown.leakages.some(({ count }) => count);
    }

    /** How wide the bar of an amount is, of the highest one. */
    costShare(amount) {
        const most = Math.max(...this.costs.map(([, each]) => Math.abs(each || 0)));
        return most ? `${(100 * Math.abs(amount || 0)) / most}%` : "0";
    }

    async load() {
        this.state.error = "";
        try {
            const call = this.orm.call("kpi.initiative", "get_dashboard", [[this.id]]);
            this.state.shown = await call;
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not load the dashboard."));
        }
    }

    openInitiatives() {
        return this.action.doAction("kpi_benefits.kpi_initiative_action");
    }

    toggleTable() {
        this.state.isTable = !this.state.isTable;
    }

    open(model, id) {
        return this.action.doAction({
            res_id: id,
            res_model: model,
            type: "ir.actions.act_window",
            views: [[false, "form"]],
        });
    }

    openInitiative() {
        return this.open("kpi.initiative", this.id);
    }

    /** The dashboard of an initiative of this programme. */
    openBelow(id) {
        return this.action.doAction("kpi_benefits.kpi_initiative_dashboard_action", {
            additionalContext: { active_id: id },
        });
    }

    /** The leakages that a count is about. */
    async openLeakages(severity) {
        const call = this.orm.call("kpi.initiative", "action_open_leakages", [[this.id]]);
        const action = await call;
        const own = [
            ["severity", "=", severity],
            ["is_open", "=", true],
        ];
        const domain = [...action.domain, ...own];
        return this.action.doAction({ ...action, domain });
    }

    async openBenefits() {
        const action = await this.orm.call("kpi.initiative", "action_open_benefits", [[this.id]]);
        return this.action.doAction(action);
    }
}

registry.category("lazy_components").add("kpi_benefits.InitiativeDashboard", InitiativeDashboard);
