import { Component, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { compact as formatKpi, full as formatKpiFull } from "@kpi_base/eager/formatting/formatting";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { Waterfall } from "@kpi_tracking_analytics/screens/change/waterfall";
import { GateList } from "../benefits/gate_list";
import { ProfileChart } from "../benefits/profile_chart";
import { RateGauge } from "../benefits/rate_gauge";

/** What the months of a benefit, or of an initiative, say: rate, profile, forecast, bridge,
 * leaks; of an initiative also its gates. */
export class Insights extends Component {
    static template = "kpi_benefits.Insights";
    static components = { GateList, ProfileChart, RateGauge, Waterfall };
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.last = new KeepLast();
        this.state = useState({ error: "", found: null, isTable: false });
        this.money = (amount) => formatKpi(amount, this.unit);
        this.exact = (amount) => formatKpiFull(amount, this.unit);
        // The form is drawn at once; what this says comes when it is known.
        useEffect(
            () => {
                this.load();
            },
            () => this.dependencies,
        );
    }

    /** What is asked for is what was saved. */
    get dependencies() {
        const { data, resId } = this.props.record;
        return [resId, String(data.write_date)];
    }

    async load() {
        const { resId, resModel } = this.props.record;
        if (!resId) {
            return;
        }
        if (this.askedId !== resId) {
            this.state.found = null; // nothing of the record before
        }
        this.askedId = resId;
        this.state.error = "";
        try {
            const call = this.orm.silent.call(resModel, "get_insights", [[resId]]);
            this.state.found = await this.last.add(call);
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not load insights. Try again."));
        }
    }

    get forecast() {
        return this.state.found?.forecast;
    }

    get variance() {
        return this.state.found?.variance;
    }

    get leaks() {
        return this.state.found?.leaks || [];
    }

    get benchmark() {
        return this.state.found?.benchmark || [];
    }

    get unit() {
        return { currencyId: this.state.found.currency_id, decimals: 2, kind: "currency" };
    }

    get totals() {
        return this.state.found.totals;
    }

    get first() {
        const { planned: size, planned_text: text } = this.variance;
        return { label: _t("Planned to date"), size, text };
    }

    get realized() {
        return { label: _t("Realized"), text: this.variance.realized_text };
    }

    get steps() {
        return this.variance.steps.map(({ amount, label, text }) => ({
            label,
            size: amount,
            text,
        }));
    }

    /** Records that a sentence is about, beside the one of the form. */
    others(sentence) {
        const { resId, resModel } = this.props.record;
        return sentence.records
            .filter(({ id, model }) => id !== resId || model !== resModel)
            .slice(0, 3);
    }

    open({ id, model }) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("lazy_components").add("kpi_benefits.Insights", Insights);
