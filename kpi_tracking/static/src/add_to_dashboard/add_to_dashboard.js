import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";

const VIEW_TYPES = ["graph", "list", "pivot"];
const USER = "kpi_tracking.kpi_tracking_group_user";

/** What the view shows now, as a tile keeps it; what a person chose, not where it came from. */
export function keptView({ config, searchModel }) {
    const { context, groupBys, orderBy } = searchModel.getPreFavoriteValues();
    return {
        view_type: config.viewType,
        title: config.getDisplayName(),
        domain: searchModel.domainString ?? JSON.stringify(searchModel.domain),
        context: { ...context, group_by: groupBys, orderedBy: orderBy },
    };
}

/** Entry of the cog menu: the view as a tile of a dashboard. */
export class AddToDashboard extends Component {
    static template = "kpi_tracking.AddToDashboard";
    static components = { DropdownItem };
    static props = {};

    /** The menu is gone by the time of the answer: hooks would drop it then. */
    async onSelected() {
        const { config, searchModel, services } = this.env;
        const args = [searchModel.resModel, keptView({ config, searchModel })];
        const action = await services.orm.call("kpi.dashboard", "action_add_view", args);
        await services.action.doAction(action);
    }
}

export const addToDashboardItem = {
    Component: AddToDashboard,
    groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
    isDisplayed: async ({ config, searchModel }) =>
        config.actionType === "ir.actions.act_window" &&
        VIEW_TYPES.includes(config.viewType) &&
        Boolean(searchModel?.resModel) &&
        (await user.hasGroup(USER)),
};

registry.category("cogMenu").add("kpi-add-to-dashboard", addToDashboardItem, { sequence: 21 });
