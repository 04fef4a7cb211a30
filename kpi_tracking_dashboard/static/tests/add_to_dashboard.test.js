import { expect, test } from "@odoo/hoot";
import { patchWithCleanup } from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";
import {
    addToDashboardItem,
    tileOfView,
} from "@kpi_tracking_dashboard/eager/dashboard_entry/add_to_dashboard";

const SEARCH_MODEL = {
    resModel: "crm.lead",
    domainString: "[('active', '=', True)]",
    getPreFavoriteValues: () => ({
        context: { graph_measure: "expected_revenue", graph_stacked: true },
        groupBys: ["stage_id"],
    }),
};

test("a view is kept as it is shown", () => {
    const config = { viewType: "graph", getDisplayName: () => "Pipeline" };
    expect(tileOfView({ config, searchModel: SEARCH_MODEL })).toEqual({
        height: 3,
        kind: "view",
        name: "Pipeline",
        sequence: 10000,
        span: 6,
        view_context:
            '{"graph_measure": "expected_revenue", "graph_stacked": True, "group_by": ["stage_id"]}',
        view_domain: "[('active', '=', True)]",
        view_model: "crm.lead",
        view_type: "graph",
    });
});

test("lists, graphs and pivots can be added by those who use KPIs", async () => {
    let isUser = true;
    patchWithCleanup(user, { hasGroup: async () => isUser });
    const isDisplayed = (viewType, actionType = "ir.actions.act_window") =>
        addToDashboardItem.isDisplayed({
            config: { actionType, viewType },
            searchModel: SEARCH_MODEL,
        });
    expect(await isDisplayed("graph")).toBe(true);
    expect(await isDisplayed("form")).toBe(false);
    expect(await isDisplayed("list", "ir.actions.client")).toBe(false);
    isUser = false;
    expect(await isDisplayed("pivot")).toBe(false);
});
