import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** What is unusual about a KPI, in at most five sentences. */
export class Insights extends Component {
    static template = "kpi_tracking_language.Insights";
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.last = new KeepLast();
        this.lastAsked = new KeepLast();
        this.state = useState({ sentences: null, suggestions: null, answer: null });
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
        const call = this.orm.silent.call("kpi.nlp.processor", "generate_performance_insights", [
            record.resId,
        ]);
        const { sentences } = await this.last.add(call);
        Object.assign(this.state, { sentences, suggestions: null, answer: null });
    }

    /** What may help, by what is known of the KPI, its parts, its peers and its past. */
    async suggest() {
        const { resId } = this.props.record;
        this.state.suggestions = await this.orm.call(
            "kpi.predictive.analytics",
            "suggest_improvement_actions",
            [resId],
        );
    }

    /** How probable a worse status is, or how often to look, in sentences. */
    async ask(method) {
        const { resId } = this.props.record;
        const model = "kpi.predictive.maintenance";
        const call = this.orm.call(model, method, [resId]);
        const { sentences } = await this.lastAsked.add(call);
        this.state.answer = sentences;
    }

    async makeAction({ text }) {
        const { resId } = this.props.record;
        const action = await this.orm.call("kpi.report", "action_make_action", [[resId], text]);
        return this.action.doAction(action);
    }
}

registry.category("lazy_components").add("kpi_tracking_language.Insights", Insights);
