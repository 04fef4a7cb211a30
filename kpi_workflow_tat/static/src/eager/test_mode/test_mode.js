import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/** Lists of requests that say so when the server measures hours in minutes. */
export class TestModeListRenderer extends ListRenderer {
    static template = "kpi_workflow_tat.TestModeListRenderer";

    get isTestMode() {
        return Boolean(session.tat_test_mode);
    }
}

/** The same of cards, which phones show. */
export class TestModeKanbanRenderer extends KanbanRenderer {
    static template = "kpi_workflow_tat.TestModeKanbanRenderer";

    get isTestMode() {
        return Boolean(session.tat_test_mode);
    }
}

registry
    .category("views")
    .add("kpi_tat_list", { ...listView, Renderer: TestModeListRenderer })
    .add("kpi_tat_kanban", { ...kanbanView, Renderer: TestModeKanbanRenderer });
