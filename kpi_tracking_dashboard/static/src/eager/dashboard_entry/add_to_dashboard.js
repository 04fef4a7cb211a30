import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { formatAST, toPyValue } from "@web/core/py_js/py_utils";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

const ROWS = { graph: 3, list: 2, pivot: 3 }; // that show something below the buttons
const LAST = 10000; // behind the tiles that are there
const USER = "kpi_base.kpi_base_group_user";

/** Values of a tile that shows what a view shows now. */
export function tileOfView({ config, searchModel }) {
    const { context, groupBys } = searchModel.getPreFavoriteValues();
    const shown = { ...context, group_by: groupBys };
    return {
        height: ROWS[config.viewType],
        kind: "view",
        name: config.getDisplayName(),
        sequence: LAST,
        span: 6,
        view_context: formatAST(toPyValue(shown)),
        view_domain: searchModel.domainString,
        view_model: searchModel.resModel,
        view_type: config.viewType,
    };
}

/** Entry of the cog menu: the view as a tile of a dashboard. */
export class AddToDashboard extends Component {
    static template = "kpi_tracking_dashboard.AddToDashboard";
    static components = { DropdownItem };
    static props = {};

    /** The menu is gone by the time it is saved: hooks would drop it then. */
    onSelected() {
        const { services } = this.env;
        const values = Object.entries(tileOfView(this.env));
        services.dialog.add(FormViewDialog, {
            canExpand: false,
            context: {
                ...Object.fromEntries(values.map(([name, value]) => [`default_${name}`, value])),
                form_view_ref: "kpi_tracking_dashboard.kpi_dashboard_tile_view_form_add",
                kpi_arrange_in_draft: true, // where others look at it
            },
            onRecordSaved: ({ data }) => tellWhere(services, data.dashboard_id),
            resModel: "kpi.dashboard.tile",
            title: _t("Add to KPI dashboard"),
        });
    }
}

function tellWhere({ action, notification }, { id, display_name }) {
    const close = notification.add(_t("Added to %s", display_name), {
        type: "success",
        buttons: [
            {
                name: _t("Open"),
                onClick: () => {
                    close();
                    return action.doAction("kpi_tracking_dashboard.dashboard", {
                        props: { resId: id },
                    });
                },
            },
        ],
    });
}

export const addToDashboardItem = {
    Component: AddToDashboard,
    groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
    isDisplayed: async ({ config, searchModel }) =>
        config.actionType === "ir.actions.act_window" &&
        config.viewType in ROWS &&
        Boolean(searchModel?.resModel) &&
        (await user.hasGroup(USER)),
};

registry.category("cogMenu").add("kpi-add-to-dashboard", addToDashboardItem, { sequence: 21 });
