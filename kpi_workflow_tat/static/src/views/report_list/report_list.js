import { Component, useSubEnv } from "@odoo/owl";
import { registry } from "@web/core/registry";
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

registry.category("views").add("kpi_tat_report_list", { ...listView, Renderer: ReportList });
