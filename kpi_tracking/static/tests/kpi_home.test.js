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
import { addToDashboardItem, tileOfView } from "@kpi_tracking/add_to_dashboard/add_to_dashboard";
import { Home } from "@kpi_tracking/dashboard/home/home";
import { UNIT } from "./dashboard_answer";

defineMailModels();

async function open(summary, dashboards = []) {
    onRpc("kpi.report", "get_first_steps", () => []);
    onRpc("kpi.dashboard", "get_summary", () => summary());
    onRpc("kpi.dashboard", "search_read", () => dashboards);
    onRpc("kpi.entry.due", "action_enter", ({ args: [[id]] }) => ({ name: `enter ${id}` }));
    const doAction = (action) => expect.step(action.res_id || action.name || action);
    mockService("action", { doAction });
    const env = await makeMockEnv({ config: getDefaultConfig() });
    await mountWithCleanup(Home, { env, props: { action: {} } });
    await animationFrame();
}

const ROW = {
    report_id: 7,
    name: "Won revenue – Sales / East",
    kpi: "Won revenue",
    scope: "East",
    unit: UNIT,
    value: 82,
    previous: 100,
    change: -0.18,
    target: 100,
    achievement: 82,
    status: "off_target",
    direction: "higher",
    period: { start: "2026-10-01", label: "Oct 2026" },
};
const NEED = { report_id: 9, date: "2026-11-10", model: "kpi.entry.due" };
const SUMMARY = {
    counts: { on_target: 4, at_risk: 1, off_target: 0, no_data: 2 },
    worse: [ROW],
    better: [],
    needs: [
        { ...NEED, kind: "overdue", text: "Visitors, October", res_id: 3 },
        { ...NEED, kind: "approval", text: "Leads, October", model: "kpi.submission", res_id: 4 },
    ],
    needs_counts: { overdue: 5, approval: 1 },
};
const DASHBOARDS = [
    { id: 4, name: "People", is_favorite: false },
    { id: 5, name: "Sales board", is_favorite: true },
];

test("the overview says what got worse and what waits, each a way on", async () => {
    await open(() => SUMMARY, DASHBOARDS);
    expect(queryAllTexts(".o_kpi_home_count strong")).toEqual(["1", "4", "2"]);
    expect("section:first .o_kpi_home_figures").toHaveText(/82\s*−18\s%\svs\s100/);
    expect("section:contains(Needs you) > span").toHaveText("4 more");
    expect("section:contains(Got better) p").toHaveText("Nothing got better.");
    expect(queryAllTexts("section:last .o_kpi_home_row")).toEqual(["Sales board", "People"]);
    await contains("section:first .o_kpi_home_row").click();
    await contains(".o_kpi_home_row:contains(Visitors)").click();
    await contains(".o_kpi_home_row:contains(Leads)").click();
    await contains(".o_kpi_home_row:contains(Sales board)").click();
    expect.verifySteps([7, "enter 3", 4, "kpi_tracking.dashboard"]);
});

test("without any KPI there is one sentence and one button", async () => {
    const nothing = { worse: [], needs: [], better: [], counts: {} };
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
