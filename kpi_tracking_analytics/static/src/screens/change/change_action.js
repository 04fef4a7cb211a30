import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { listSteps, Waterfall } from "./waterfall";

const MOST = 12; // parts that one looks at; the others together

/** Why a KPI moved between two of its periods: in words, and as bars that add up. */
export class ChangeAction extends Component {
    static template = "kpi_tracking_analytics.ChangeAction";
    static components = { Waterfall };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.reportId = this.props.action.params.report_id;
        this.last = new KeepLast();
        this.state = useState({
            change: null,
            error: "",
            from: "",
            points: null,
            splitBy: this.props.action.params.split_by || "",
            to: "",
        });
        onWillStart(() => this.load());
    }

    async load() {
        const { points } = await this.orm.call("kpi.report", "get_history", [this.reportId]);
        this.state.points = (points || []).filter(({ coming, value }) => !coming && value !== null);
        const closed = this.state.points.filter(({ running }) => !running);
        const asked = this.state.points.findIndex(
            ({ start }) => start === this.props.action.params.to,
        );
        const [from, to] =
            asked > 0
                ? this.state.points.slice(asked - 1, asked + 1)
                : (closed.length > 1 ? closed : this.state.points).slice(-2);
        if (to) {
            await this.choose({ from: from.start, to: to.start });
        }
    }

    /** Show the change between other periods, or in other parts. */
    async choose(options) {
        Object.assign(this.state, options);
        if (this.state.from >= this.state.to) {
            // The period beside the one that was chosen.
            const at = this.state.points.findIndex(
                ({ start }) => start === (options.to || options.from),
            );
            this.state.from = this.state.points[options.to ? at - 1 : at].start;
            this.state.to = this.state.points[options.to ? at : at + 1].start;
        }
        const { from, splitBy, to } = this.state;
        const call = this.orm.call("kpi.report", "explain_change", [
            [this.reportId],
            from,
            to,
            splitBy || false,
        ]);
        this.state.error = "";
        try {
            this.state.change = await this.last.add(call);
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not load the change. Try again."));
        }
    }

    get earlier() {
        return (this.state.points || []).slice(0, -1);
    }

    get later() {
        return (this.state.points || []).slice(1);
    }

    get ways() {
        return this.state.change?.ways || [];
    }

    get chosenWay() {
        return this.state.change?.split_by || this.state.splitBy;
    }

    get steps() {
        return listSteps(this.state.change.parts, MOST);
    }

    sideOf(name) {
        const { label, text, value } = this.state.change[name];
        return { label, size: value || 0, text };
    }
}

registry.category("lazy_components").add("kpi_tracking_analytics.ChangeAction", ChangeAction);
