import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";

const VIEW_TYPES = ["graph", "kanban", "list", "pivot"];
const TECHNICAL = ["ir.", "kpi.", "base_import.", "bus.", "discuss.", "mail.m", "mail.n"];
const OFFICER = "kpi_base.kpi_base_group_officer";

/** Current content of the view, as the server takes it. */
export function shownView(searchModel, viewType) {
    const { context, groupBys } = searchModel.getPreFavoriteValues();
    const measures = {
        graph: [context.graph_measure],
        pivot: context.pivot_measures || [],
    }[viewType];
    const ofPivot = [...(context.pivot_row_groupby || []), ...(context.pivot_column_groupby || [])];
    const groupBy = { graph: context.graph_groupbys, pivot: ofPivot }[viewType] || groupBys;
    const isOn = (item) => searchModel.query.some((each) => each.searchItemId === item.id);
    const dateFilters = Object.values(searchModel.searchItems).filter(
        (item) => item.type === "dateFilter" && isOn(item),
    );
    return {
        domain: searchModel.domain,
        measure: measures && (measures.find((each) => each && each !== "__count") || "__count"),
        group_by: groupBy,
        date_fields: dateFilters.map((item) => item.fieldName),
    };
}

/** Entry of the cog menu: a KPI of what the view shows. */
export class TrackThis extends Component {
    static template = "kpi_tracking.TrackThis";
    static components = { DropdownItem };
    static props = {};

    /** The menu is gone by the time of the answer: hooks would drop it then. */
    async onSelected() {
        const { config, searchModel, services } = this.env;
        const view = shownView(searchModel, config.viewType);
        const action = await services.orm.call("kpi.definition", "action_track_view", [
            searchModel.resModel,
            view,
        ]);
        await services.action.doAction(action);
    }
}

export const trackThisItem = {
    Component: TrackThis,
    groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
    isDisplayed: async ({ config, searchModel }) =>
        VIEW_TYPES.includes(config.viewType) &&
        Boolean(searchModel?.resModel) &&
        !TECHNICAL.some((prefix) => searchModel.resModel.startsWith(prefix)) &&
        (await user.hasGroup(OFFICER)),
};

registry.category("cogMenu").add("kpi-track-this", trackThisItem, { sequence: 20 });
