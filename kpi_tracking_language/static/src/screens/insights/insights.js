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
        this.orm = useService("orm");
        this.last = new KeepLast();
        this.state = useState({ sentences: null });
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
        this.state.sentences = sentences;
    }
}

registry.category("lazy_components").add("kpi_tracking_language.Insights", Insights);
