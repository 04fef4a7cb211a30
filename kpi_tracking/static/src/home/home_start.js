import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const WAYS = [
    {
        key: "gallery",
        icon: "fa-th-list",
        title: _t("Choose from Gallery"),
        text: _t("Predefined KPIs on your records."),
        action: "kpi_tracking.kpi_gallery_set_action",
    },
    {
        key: "import",
        icon: "fa-file-excel-o",
        title: _t("Import a Spreadsheet"),
        text: _t("Values and targets from CSV or XLSX."),
        action: "kpi_base.kpi_import_action",
    },
    {
        key: "example",
        icon: "fa-magic",
        title: _t("Try with Example Data"),
        text: _t("30 KPIs with sample values. Remove them in one click."),
    },
    {
        key: "define",
        icon: "fa-pencil",
        title: _t("Define a KPI"),
        text: _t("Count records, use a formula or enter values."),
        action: {
            type: "ir.actions.act_window",
            res_model: "kpi.definition",
            views: [[false, "form"]],
        },
    },
];

/** Ways to a first KPI, on an empty overview; ready dashboards stand above them. */
export class HomeStart extends Component {
    static template = "kpi_tracking.HomeStart";
    static props = {
        hasShorterWay: { type: Boolean },
        slots: { type: Object, optional: true },
    };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    /** The first one is the shortest, unless there is a shorter way above. */
    get ways() {
        return WAYS.map((way, at) => ({ ...way, isPrimary: !at && !this.props.hasShorterWay }));
    }

    async open({ action, key }) {
        if (key !== "example") {
            return this.action.doAction(action);
        }
        const shown = await this.orm.call("kpi.example", "action_try");
        return this.action.doAction(shown, { clearBreadcrumbs: true });
    }
}
