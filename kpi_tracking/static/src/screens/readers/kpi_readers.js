import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Who sees a KPI, a page at a time, and by which of Odoo's rules a person does or not. */
export class KpiReaders extends Component {
    static template = "kpi_tracking.KpiReaders";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ people: [], nextOffset: 0, open: null, rules: [] });
        onWillStart(() => this.loadMore());
    }

    get id() {
        return this.props.record.resId;
    }

    async loadMore() {
        const offset = this.state.nextOffset;
        const found = await this.orm.call("kpi.report", "get_readers", [[this.id], offset]);
        this.state.people.push(...found.people);
        this.state.nextOffset = found.next_offset;
    }

    async explain({ id }) {
        if (this.state.open === id) {
            this.state.open = null;
            return;
        }
        const found = await this.orm.call("kpi.report", "get_reading_rules", [[this.id], id]);
        Object.assign(this.state, { open: id, rules: found.rules });
    }

    /** Whether a rule says yes, no, or is none of this person's. */
    look({ applies, passes }) {
        if (!applies) {
            return "fa-minus text-muted";
        }
        return passes ? "fa-check text-success" : "fa-times text-danger";
    }
}

registry.category("lazy_components").add("kpi_tracking.KpiReaders", KpiReaders);
