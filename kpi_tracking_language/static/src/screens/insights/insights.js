import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** One thing that could help a KPI, and what is unusual about it for who asks. */
export class Insights extends Component {
    static template = "kpi_tracking_language.Insights";
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.last = new KeepLast();
        this.lastSummary = new KeepLast();
        this.state = useState({ isLoaded: false, sentences: null, suggestion: null });
        // The form does not wait for it.
        onWillStart(() => void this.load(this.props));
        onWillUpdateProps((next) => void this.load(next));
    }

    /** By what is known of the KPI, its parts, its peers and its past. */
    async load({ record }) {
        const key = `${record.resId} ${record.data.current_value}`;
        if (!record.resId || this.key === key) {
            return;
        }
        this.key = key;
        const call = this.orm.silent.call(
            "kpi.predictive.analytics",
            "suggest_improvement_actions",
            [record.resId],
        );
        const suggestions = await this.last.add(call);
        // Parts that pull it down are already shown as why it changed.
        const suggestion = suggestions.find(({ kind }) => kind !== "part") || suggestions[0];
        Object.assign(this.state, { isLoaded: true, sentences: null, suggestion });
    }

    /** At most five sentences, the most unusual first. */
    async summarize() {
        const { resId } = this.props.record;
        const model = "kpi.nlp.processor";
        const call = this.orm.call(model, "generate_performance_insights", [resId]);
        const { sentences } = await this.lastSummary.add(call);
        this.state.sentences = sentences;
    }

    async makeAction({ text }) {
        const { resId } = this.props.record;
        const action = await this.orm.call("kpi.report", "action_make_action", [[resId], text]);
        return this.action.doAction(action);
    }
}

registry.category("lazy_components").add("kpi_tracking_language.Insights", Insights);
