import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    makeMockEnv,
    makeServerError,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { user } from "@web/core/user";
import { getDefaultConfig } from "@web/views/view";
import { addToDashboardItem, keptView } from "@kpi_tracking/add_to_dashboard/add_to_dashboard";
import { Home } from "@kpi_tracking/dashboard/home/home";
import { kpi } from "./dashboard_answer";

defineMailModels();

async function open(summary) {
    onRpc("kpi.report", "get_first_steps", () => []);
    onRpc("kpi.dashboard", "summary", () => summary());
    mockService("action", {
        doAction: (action) => expect.step(action.res_id || action.name || action),
    });
    const env = await makeMockEnv({ config: getDefaultConfig() });
    await mountWithCleanup(Home, { env, props: { action: {} } });
    await animationFrame();
}

const SUMMARY = {
    as_of: "2026-11-20T12:00:00Z",
    counts: { on_target: 4, at_risk: 1, off_target: 0, no_data: 2 },
    worse: [kpi({ report_id: 7, reason: "Down for three months" })],
    needs: [
        { kind: "overdue", text: "Visitors, October", count: 1, report_id: 9, action: null },
        { kind: "approval", text: "Values to approve", count: 3, action: { name: "Approvals" } },
    ],
    better: [],
    more: { worse: 2, needs: 0, better: 0 },
    dashboards: [{ id: 5, name: "Sales", is_default: true, is_favorite: false }],
};

test("the overview says what got worse and what waits, each a way on", async () => {
    await open(() => SUMMARY);
    expect(queryAllTexts(".o_kpi_home_count strong")).toEqual(["1", "4", "2"]);
    expect("section:first .o_kpi_home_figures").toHaveText(/82\s*Down for three months/);
    expect("section:first > button").toHaveText("2 more");
    expect("section:contains(Got better) p").toHaveText("Nothing got better.");
    await contains("section:first .o_kpi_home_row").click();
    await contains(".o_kpi_home_row:contains(Visitors)").click();
    await contains(".o_kpi_home_row:contains(approve)").click();
    await contains(".o_kpi_home_row:contains(Sales):last").click();
    expect.verifySteps([7, 9, "Approvals", "kpi_tracking.dashboard"]);
});

test("without any KPI there is one sentence and one button", async () => {
    const nothing = { worse: [], needs: [], better: [], dashboards: [], counts: {} };
    await open(() => ({ ...SUMMARY, ...nothing }));
    expect(".o_kpi_dashboard_empty p").toHaveText("No KPI is tracked for you yet.");
    expect(".o_kpi_dashboard_empty button").toHaveCount(1);
});

test("what fails can be tried again", async () => {
    await open(() => {
        throw makeServerError({ message: "Not now." });
    });
    expect("[role=alert]").toHaveText(/Not now\./);
});

const SEARCH_MODEL = {
    resModel: "crm.lead",
    domain: [["active", "=", true]],
    domainString: "[('active', '=', True)]",
    getPreFavoriteValues: () => ({
        context: { graph_measure: "expected_revenue" },
        groupBys: ["stage_id"],
        orderBy: [],
    }),
};

test("a view is kept as it is shown", () => {
    const config = { viewType: "graph", getDisplayName: () => "Pipeline" };
    expect(keptView({ config, searchModel: SEARCH_MODEL })).toEqual({
        view_type: "graph",
        title: "Pipeline",
        domain: "[('active', '=', True)]",
        context: { graph_measure: "expected_revenue", group_by: ["stage_id"], orderedBy: [] },
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
