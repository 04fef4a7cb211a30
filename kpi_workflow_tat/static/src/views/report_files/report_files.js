import { Component, useSubEnv } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

const FILES = {
    action_download_pdf: _t("PDF"),
    action_download_xlsx: _t("Excel"),
    action_download_csv: _t("CSV"),
    action_export_xes: _t("Event log"),
};

/**
 * Offers the files of a report in the menu ⚙, or of selected rows in *Actions*.
 *
 * @template {ListController | KanbanController} T
 * @param {new () => T} Controller
 */
const withFiles = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            this.files = Object.entries(FILES).map(([method, name]) => ({
                name,
                open: () => this.openFile(method),
            }));
            useSubEnv({ kpiReportFiles: this.files });
        }

        getStaticActionMenuItems() {
            const files = this.files.map(({ name, open }, index) => ({
                callback: open,
                description: name,
                icon: "fa fa-download",
                sequence: 11 + index,
            }));
            return { ...super.getStaticActionMenuItems(), ...files };
        }

        /** The file of the selected rows, or of all. */
        async openFile(method) {
            const { context, resModel } = this.model.root;
            const ids = await this.model.root.getResIds(true);
            const asked = { ...context, active_domain: this.props.domain, active_ids: ids };
            const action = await this.model.orm.call(resModel, method, [ids], { context: asked });
            return this.actionService.doAction(action);
        }
    };

/** Files of a report in its menu ⚙. */
export class ReportFiles extends Component {
    static template = "kpi_workflow_tat.ReportFiles";
    static components = { DropdownItem };
    static props = {};
}

registry.category("cogMenu").add("kpi-tat-report-files", {
    Component: ReportFiles,
    groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
    isDisplayed: ({ kpiReportFiles }) => Boolean(kpiReportFiles?.length),
});

registry
    .category("views")
    .add("kpi_tat_report_list", { ...listView, Controller: withFiles(ListController) })
    .add("kpi_tat_report_kanban", { ...kanbanView, Controller: withFiles(KanbanController) });
