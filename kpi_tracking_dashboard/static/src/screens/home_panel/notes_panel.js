import { Component } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { useService } from "@web/core/utils/hooks";
import { homePanels } from "@kpi_tracking/home/home_panels";
import { formatDay } from "@kpi_base/eager/formatting/reader";

/** The latest notes on KPIs, each a way to its KPI. */
export class NotesPanel extends Component {
    static template = "kpi_tracking_dashboard.NotesPanel";
    static props = { content: { type: Array, element: Object } };

    setup() {
        this.action = useService("action");
    }

    get notes() {
        return this.props.content.map((note) => ({
            ...note,
            about: [note.kpi, note.author, formatDay(deserializeDate(note.date))].join(" · "),
        }));
    }

    open(note) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: note.report_id,
            res_model: "kpi.report",
            views: [[false, "form"]],
        });
    }
}

homePanels.add("kpi_tracking_dashboard.notes", { component: NotesPanel, sequence: 20 });
