import { Component, useSubEnv } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { View } from "@web/views/view";

// What the list itself keeps for whoever comes back to it.
const OF_LIST = ["__beforeLeave__", "__getContext__", "__getGlobalState__", "__getLocalState__"];

/** A report: the chart of its rows, as its action draws it, and below it their table. */
export class ReportList extends Component {
    static template = "kpi_workflow_tat.ReportList";
    static components = { ListRenderer, View };
    static props = ["*"]; // those of the list's renderer

    setup() {
        useSubEnv(Object.fromEntries(OF_LIST.map((name) => [name, null])));
    }

    get chart() {
        const { context, domain, resModel } = this.props.list;
        const own = (this.env.config.views || []).find(([, type]) => type === "graph");
        return {
            context,
            domain,
            resModel,
            display: { controlPanel: false },
            type: "graph",
            views: [own || [false, "graph"], [false, "search"]],
        };
    }
}

const isFile = ({ clickParams }) => /^action_(download|export)_/.test(clickParams.name);

/** Offers the files of a report in the menu ⚙, or of selected rows in *Actions*. */
export class ReportController extends ListController {
    setup() {
        super.setup();
        const { headerButtons } = this.archInfo;
        const others = headerButtons.filter((button) => !isFile(button));
        this.archInfo = { ...this.archInfo, headerButtons: others };
        this.files = headerButtons.filter(isFile).map(({ clickParams, string }) => ({
            name: string,
            open: () => this.openFile(clickParams.name),
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
        const action = await this.orm.call(resModel, method, [ids], { context: asked });
        return this.actionService.doAction(action);
    }
}

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

registry.category("views").add("kpi_tat_report_list", {
    ...listView,
    Controller: ReportController,
    Renderer: ReportList,
});
