import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";

/** The steps to a first useful KPI; the server says which are done. */
export class FirstSteps extends Component {
    static template = "kpi_tracking.FirstSteps";
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ steps: [] });
        onWillStart(() => this.load());
    }

    /** Steps in their order; of those that are open the first one is next. */
    get steps() {
        const next = this.state.steps.find(({ is_done }) => !is_done);
        return this.state.steps.map((step) => ({ ...step, isNext: step === next }));
    }

    /** Whether one is open: it fits in the line of those that are done. */
    get isLast() {
        return this.state.steps.filter(({ is_done }) => !is_done).length === 1;
    }

    async load() {
        this.state.steps = await this.orm.call("kpi.report", "get_first_steps", []);
    }

    async open({ action, method }) {
        const opened = method ? await this.orm.call("kpi.report", method, []) : action;
        // A step may be done in a dialog, after which the panel is still there.
        return this.action.doAction(opened, { onClose: () => this.load() });
    }

    async close() {
        this.state.steps = [];
        await this.orm.call("kpi.report", "close_first_steps", []);
    }
}

class ReportListRenderer extends ListRenderer {
    static template = "kpi_tracking.ReportListRenderer";
    static components = { ...ListRenderer.components, FirstSteps };
}

class ReportKanbanRenderer extends KanbanRenderer {
    static template = "kpi_tracking.ReportKanbanRenderer";
    static components = { ...KanbanRenderer.components, FirstSteps };
}

registry.category("views").add("kpi_report_list", { ...listView, Renderer: ReportListRenderer });
registry
    .category("views")
    .add("kpi_report_kanban", { ...kanbanView, Renderer: ReportKanbanRenderer });
