import { Component, onWillStart, useState } from "@odoo/owl";
import { router } from "@web/core/browser/router";
import { download } from "@web/core/network/download";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { formatInteger } from "@web/views/fields/formatters";
import {
    compact as formatKpi,
    full as formatKpiFull,
    signedCompact as formatKpiSigned,
} from "@kpi_base/eager/formatting/formatting";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { BubbleChart } from "./bubble_chart";
import { fromAddress, toAddress, toOptions } from "./dashboard_choice";
import { ProfileChart } from "./profile_chart";
import { formatRate, RateGauge } from "./rate_gauge";
import { SeverityBars } from "./severity_bars";

const MODEL = "kpi.benefit.portfolio";

/** Benefits of all initiatives: chosen in the bar, stored in the address. */
export class BenefitsDashboard extends Component {
    static template = "kpi_benefits.BenefitsDashboard";
    static components = { BubbleChart, Layout, ProfileChart, RateGauge, SeverityBars };
    static props = { ...standardActionServiceProps };

    count = (number) => formatInteger(number);
    formatRate = formatRate;

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.last = new KeepLast();
        this.state = useState({ choice: {}, error: "", isLoading: true, portfolio: null });
        this.money = (amount) => formatKpi(amount, this.unit);
        this.exact = (amount) => formatKpiFull(amount, this.unit);
        onWillStart(async () => {
            this.choices = await this.orm.call(MODEL, "get_choices", []);
            this.choose(fromAddress(router.current));
        });
    }

    get unit() {
        return { currencyId: this.state.portfolio.currency_id, decimals: 2, kind: "currency" };
    }

    get periods() {
        return [
            ["all", _t("All years")],
            ["this_year", _t("This year")],
            ["last_year", _t("Last year")],
            ["last_12", _t("Last 12 months")],
            ["next_12", _t("Next 12 months")],
        ];
    }

    get hasFilters() {
        const { department, period, program } = this.state.choice;
        return Boolean(department || program || period !== "all");
    }

    get isEmpty() {
        const { benefit_count: benefits, initiative_count: initiatives } = this.state.portfolio;
        return !benefits && !initiatives;
    }

    get options() {
        return toOptions(this.state.choice, luxon.DateTime.local());
    }

    /** How far forecasts are from plans where both are known, in words. */
    get costChange() {
        const { portfolio } = this.state;
        if (portfolio.cost_change === null) {
            return "";
        }
        return _t("%(change)s vs plan %(planned)s; initiatives compared: %(count)s", {
            change: formatKpiSigned(portfolio.cost_change, this.unit),
            count: this.count(portfolio.compared_cost_count),
            planned: this.money(portfolio.compared_planned_cost),
        });
    }

    get cost() {
        const { forecast_cost: forecast, planned_cost: planned } = this.state.portfolio;
        return forecast === null ? planned : forecast;
    }

    change(changes) {
        return this.choose({ ...this.state.choice, ...changes });
    }

    clear() {
        return this.change({ department: 0, period: "all", program: 0 });
    }

    /** Show another choice, and keep it in the address. */
    choose(choice) {
        this.store(choice);
        return this.load();
    }

    toggleTable() {
        this.store({ ...this.state.choice, isTable: !this.state.choice.isTable });
    }

    store(choice) {
        this.state.choice = choice;
        this.props.updateActionState?.(toAddress(choice));
    }

    async load() {
        Object.assign(this.state, { error: "", isLoading: true });
        try {
            const call = this.orm.silent.call(MODEL, "get_portfolio", [this.options]);
            this.state.portfolio = await this.last.add(call);
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not load the dashboard."));
        }
        this.state.isLoading = false;
    }

    /** The list behind a figure. */
    async open(kind, value = "", options = this.options) {
        const args = [options, kind, value];
        return this.action.doAction(await this.orm.call(MODEL, "open_records", args));
    }

    openMonths(first, last) {
        return this.open("months", "", { ...this.options, date_from: first, date_to: last });
    }

    openInitiative(id) {
        return this.action.doAction("kpi_benefits.kpi_initiative_dashboard_action", {
            additionalContext: { active_id: id },
        });
    }

    openBenefit(id) {
        return this.action.doAction({
            res_id: id,
            res_model: "kpi.benefit.realization",
            type: "ir.actions.act_window",
            views: [[false, "form"]],
        });
    }

    get hasLeakages() {
        return this.state.portfolio.leakages.some(({ count }) => count);
    }

    openLeakages(severity) {
        return this.open("leakages", severity);
    }

    openInitiatives() {
        return this.action.doAction("kpi_benefits.kpi_initiative_action");
    }

    openBenefits() {
        return this.action.doAction("kpi_benefits.kpi_benefit_realization_action");
    }

    download() {
        return download({
            data: { options: JSON.stringify(this.options) },
            url: "/kpi_benefits/portfolio",
        });
    }
}

registry.category("lazy_components").add("kpi_benefits.BenefitsDashboard", BenefitsDashboard);
