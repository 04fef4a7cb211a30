import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { listSteps, Waterfall } from "../change/waterfall";

const MAX_STEPS = 4; // there is room for next to the chart
const MAX_WAYS = 2;

/** Why the last closed period of a KPI differs from the one before; nothing if unknown. */
export class Why extends Component {
    static template = "kpi_tracking_analytics.Why";
    static components = { Waterfall };
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.last = new KeepLast();
        this.state = useState({ why: null });
        // The form does not wait for it.
        onWillStart(() => void this.load(this.props));
        onWillUpdateProps((next) => void this.load(next));
    }

    async load({ record }) {
        const key = `${record.resId} ${record.data.current_value}`;
        if (!record.resId || this.key === key) {
            return;
        }
        this.key = key;
        try {
            const args = [[record.resId]];
            const call = this.orm.silent.call("kpi.report", "explain_latest_change", args);
            this.state.why = await this.last.add(call);
        } catch {
            this.state.why = {}; // the dialog says why
        }
    }

    get steps() {
        return listSteps(this.state.why.parts, MAX_STEPS);
    }

    get ways() {
        const { split_by, ways } = this.state.why;
        return ways
            .filter(({ key }) => key !== split_by)
            .slice(0, MAX_WAYS)
            .map(({ key, label }) => ({ key, text: _t("By %s", label) }));
    }

    sideOf(name) {
        const { label, text, value } = this.state.why[name];
        return { label, size: value, text };
    }

    /** Open the change in all of its parts, by one of the ways to split it. */
    async open(way) {
        const args = [[this.props.record.resId], way || false];
        this.action.doAction(await this.orm.call("kpi.report", "action_explain_change", args));
    }
}

registry.category("lazy_components").add("kpi_tracking_analytics.Why", Why);
