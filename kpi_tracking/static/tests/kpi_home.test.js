import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
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
import { getDefaultConfig } from "@web/views/view";
import { Home } from "@kpi_tracking/home/home";
import { homePanels } from "@kpi_tracking/home/home_panels";

defineMailModels();

async function open(summary) {
    onRpc("kpi.report", "get_first_steps", () => []);
    onRpc("kpi.home", "get_summary", () => summary());
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
    unit: { kind: "number", decimals: 0 },
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
    panels: {},
};

test("the overview says what got worse and what waits, each a way on", async () => {
    await open(() => SUMMARY);
    expect(queryAllTexts(".o_kpi_home_count strong")).toEqual(["1", "4", "2"]);
    expect("section:first .o_kpi_home_figures").toHaveText(/82\s*−18\s%\svs\s100/);
    expect("section:contains(Needs you) > span").toHaveText("4 more");
    expect("section:contains(Got better) p").toHaveText("Nothing got better.");
    await contains("section:first .o_kpi_home_row").click();
    await contains(".o_kpi_home_row:contains(Visitors)").click();
    await contains(".o_kpi_home_row:contains(Leads)").click();
    expect.verifySteps([7, "enter 3", 4]);
});

test("without any KPI there is one sentence and one button", async () => {
    const nothing = { worse: [], needs: [], better: [], counts: {} };
    await open(() => ({ ...SUMMARY, ...nothing }));
    expect(".o_kpi_screen_empty p").toHaveText("No KPI is tracked for you yet.");
    expect(".o_kpi_screen_empty button").toHaveCount(1);
});

test("what fails can be tried again", async () => {
    await open(() => {
        throw makeServerError({ message: "Not now." });
    });
    expect("[role=alert]").toHaveText(/Not now\./);
});

class Panel extends Component {
    static template = xml`<section class="o_panel" t-out="props.content"/>`;
    static props = { content: { type: String } };
}

/** Panels of an addon, for one test. */
function registerPanels(entries) {
    patchWithCleanup(homePanels, { content: { ...homePanels.content }, entries: null });
    for (const [key, entry] of Object.entries(entries)) {
        homePanels.add(key, entry);
    }
}

test("panels of addons stand below, in their order, where the server has something", async () => {
    registerPanels({
        "addon.second": { component: Panel, sequence: 2 },
        "addon.first": { component: Panel, sequence: 1 },
        "addon.empty": { component: Panel, sequence: 3 },
    });
    const panels = { "addon.second": "B", "addon.first": "A", "addon.unknown": "C" };
    await open(() => ({ ...SUMMARY, panels }));
    expect(queryAllTexts(".o_panel")).toEqual(["A", "B"]);
});

test("a panel without a component, or a place, is refused where developers look", () => {
    registerPanels({});
    patchWithCleanup(odoo, { debug: "1" });
    const add = (entry) => () => homePanels.add("addon.wrong", entry);
    expect(add({ sequence: 1 })).toThrow(/addon\.wrong/);
    expect(add({ component: "Panel", sequence: 1 })).toThrow(/addon\.wrong/);
    expect(add({ component: Panel })).toThrow(/addon\.wrong/);
});
