import { expect, test } from "@odoo/hoot";
import { queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
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
import { dueMomentWords, dueWords, sinceWords } from "@kpi_tracking/home/due_words";
import { Home } from "@kpi_tracking/home/home";
import { homePanels } from "@kpi_tracking/home/home_panels";

const { DateTime } = luxon;

defineMailModels();

async function open(summary, close = () => {}) {
    onRpc("kpi.report", "get_first_steps", () => []);
    onRpc("kpi.job", "get_update", () => UPDATE);
    onRpc("kpi.home", "get_summary", ({ args: [period] }) => summary(period));
    onRpc("kpi.home", "open_counted", ({ args }) => ({ name: args.join(" ") }));
    onRpc("kpi.report", "star", ({ args: [[id], isStarred] }) => {
        expect.step(["star", id, isStarred]);
        return true;
    });
    onRpc("kpi.entry.due", "action_enter", ({ args: [[id]] }) => ({ name: `enter ${id}` }));
    const doAction = (action, { additionalContext, onClose } = {}) => {
        const { context, name, res_id } = action;
        const opened = context?.kpi_period ? [res_id, context.kpi_period] : res_id;
        expect.step(opened || name || [action, additionalContext]);
        return close(onClose);
    };
    mockService("action", { doAction });
    const env = await makeMockEnv({ config: getDefaultConfig() });
    await mountWithCleanup(Home, { env, props: { action: {} } });
    await animationFrame();
}

const UPDATE = { age_seconds: 60, is_incomplete: false, state: "idle", progress: 0 };
const CARD = {
    report_id: 7,
    name: "Won revenue – Sales / East",
    kpi: "Won Revenue",
    scope: "East",
    unit: { kind: "number", decimals: 0 },
    direction: "higher",
    aggregation_time: "sum",
    is_starred: false,
    measured_at: "2026-11-01 02:00:00",
    reason: "",
    value: 82,
    previous: 100,
    previous_label: "Sep 2026",
    target: 100,
    achievement: 82,
    status: "off_target",
    now: { value: 37, status: "on_target", achievement: 99, label: "Nov 2026" },
    period: { label: "Oct 2026", start: "2026-10-01", is_running: false },
    trend: [
        { label: "Sep 2026", value: 100, target: 100 },
        { label: "Oct 2026", value: 82, target: 100 },
    ],
};
const NEED = {
    date: "2026-11-06",
    model: "kpi.entry.due",
    action: null,
    count: 1,
    urgency: 0,
    amount: "",
    due_at: null,
    person: null,
    button: null,
};
const DECISION = {
    ...NEED,
    kind: "approval",
    text: "Trade fair",
    date: "2026-11-11",
    model: "my.request",
    res_id: 4,
    urgency: 1,
    amount: "14,800 €",
    person: { id: 9, name: "Lukas Hoffmann" },
    button: { model: "kpi.approval.item", id: 12, method: "action_approve", text: "Approve" },
};
const MOVE = {
    kind: "kpi",
    title: "Won Revenue +21 k€",
    text: "Nov 2026 is on track so far",
    tone: "better",
    step: 1,
    model: "kpi.report",
    ids: [7],
    context: { kpi_period: "2026-11-01" },
};
const LATE = {
    ...MOVE,
    kind: "late",
    title: "2 tasks went overdue",
    text: "Trade fair and 1 more",
    tone: "worse",
    step: 0,
    model: null,
    ids: [],
    context: {},
};
const FAILED = {
    ...NEED,
    kind: "job",
    text: "3 jobs failed in the last 7 days",
    date: null,
    model: "kpi.home",
    res_id: false,
    action: { xml_id: "kpi_base.kpi_job_action", context: { search_default_failed: 1 } },
    count: 3,
};
const SUMMARY = {
    ask: "",
    role: "manager",
    company: "Nordwind",
    period: "closed",
    titles: { closed: "October 2026", running: "November 2026" },
    labels: { closed: "Oct 2026", running: "Nov 2026" },
    counts: { on_target: 4, at_risk: 1, off_target: 0, no_target: 0, no_data: 2 },
    cards: [CARD],
    changes: [{ ...CARD, ratio: 3.04, is_far: false, is_first: false, tone: "worse" }],
    digest: null,
    growing_count: 0,
    needs: [{ ...NEED, kind: "overdue", text: "Visitors, October", res_id: 3 }, DECISION, FAILED],
    panels: {},
};
const EMPTY = {
    cards: [],
    changes: [],
    digest: null,
    needs: [],
    counts: {},
    titles: {},
    labels: {},
};

test("where no KPI of the row has a target, its cards do not each say so", async () => {
    const bare = { ...CARD, status: "no_target", achievement: null };
    let cards = [bare, { ...bare, report_id: 8 }];
    await open(() => ({ ...SUMMARY, cards }));
    expect(".o_kpi_home_card").toHaveCount(2);
    expect(".o_kpi_home_card .o_kpi_status").toHaveCount(0);
    cards = [bare, { ...CARD, report_id: 8 }];
    await contains(".o_kpi_home_period .btn:last").click();
    expect(queryAllTexts(".o_kpi_home_card .o_kpi_status")).toEqual(["No target", "Off track"]);
});

test("the overview says how things are, what changed and what waits, each a way on", async () => {
    mockDate("2026-11-10 10:00:00");
    await open(() => SUMMARY);
    expect("h1").toHaveText("October 2026 · Nordwind");
    expect(queryAllTexts(".o_kpi_home_count > .o_kpi_status")).toEqual([
        "1 at risk",
        "4 on track",
        "2 no data",
    ]);
    expect(".o_kpi_home_count:first > .o_kpi_status").toHaveClass("o_kpi_status_warning");
    expect(".o_kpi_home_card .o_kpi_value_large").toHaveText("82");
    expect(".o_kpi_home_change .o_kpi_home_figures").toHaveText(/82\s*−18%/);
    expect(".o_kpi_home_change .o_kpi_home_name small").toHaveText(
        "3× the usual change · Nov so far 37, on track",
    );
    expect("#o_kpi_home_changes").toHaveText("Changed most in October");
    expect(".o_kpi_home_change .o_kpi_home_name > span").toHaveText("Won Revenue East");
    expect("#o_kpi_home_needs").toHaveText("Waiting for you 3");
    expect(queryAllTexts(".o_kpi_home_due")).toEqual(["Overdue since Nov 6", "Due tomorrow"]);
    expect(".o_kpi_home_due:first").toHaveClass("o_kpi_status_danger");
    expect(".o_kpi_home_due:last").toHaveClass("o_kpi_status_warning");
    expect(queryAllTexts(".o_kpi_home_amount")).toEqual(["14,800 €"]);
    expect(".o_kpi_home_need:contains(Trade fair) small").toHaveText(/Lukas Hoffmann/);
    expect(".o_kpi_home_need:contains(Trade fair) img").toHaveClass(["o_avatar", "rounded"]);
    expect(".o_kpi_home_need:contains(Visitors) small").toHaveText(/To enter/);
    await contains(".o_kpi_home_change").click();
    await contains(".o_kpi_home_card").click();
    await contains(".o_kpi_home_title").click();
    await contains(".o_kpi_home_row:contains(Visitors)").click();
    await contains(".o_kpi_home_row:contains(Trade fair)").click();
    await contains(".o_kpi_home_row:contains(jobs)").click();
    await contains(".o_kpi_home_count:first").click();
    await contains(".o_kpi_home_changes header .btn").click();
    expect.verifySteps([
        [7, "2026-10-01"], // not the running month
        [7, "2026-10-01"],
        [7, "2026-10-01"],
        "enter 3",
        4,
        ["kpi_base.kpi_job_action", { search_default_failed: 1 }],
        "closed at_risk",
        ["kpi_tracking.kpi_period_report_action", undefined],
    ]);
});

test("of what hardly moves no multiple is named", async () => {
    const change = { ...SUMMARY.changes[0], ratio: 20, is_far: true };
    const first = { ...change, ratio: null, is_far: false, is_first: true, report_id: 8 };
    await open(() => ({ ...SUMMARY, changes: [change, first] }));
    expect(queryAllTexts(".o_kpi_home_change .o_kpi_home_name small")).toEqual([
        "rarely changes this much · Nov so far 37, on track",
        "first change in 12 periods · Nov so far 37, on track",
    ]);
});

test("a decision is made from its row, and the page asks again", async () => {
    let needs = [DECISION];
    onRpc("kpi.approval.item", "action_approve", ({ args: [[id]] }) => {
        expect.step(`approve ${id}`);
        needs = [];
        return true;
    });
    await open(() => ({ ...SUMMARY, needs }));
    await contains(".o_kpi_home_need .btn:contains(Approve)").click();
    await animationFrame();
    expect.verifySteps(["approve 12"]);
    expect(".o_kpi_home_needs p").toHaveText("No tasks waiting.");
});

test("a dialog closes without waiting for the page, which may load again", async () => {
    let isStuck = false;
    const never = new Promise(() => {});
    const dialog = { type: "ir.actions.act_window", name: "Decide" };
    onRpc("kpi.approval.item", "action_approve", () => dialog);
    await open(
        () => (isStuck ? never : { ...SUMMARY, needs: [DECISION] }),
        async (onClose) => {
            isStuck = true;
            await onClose();
            expect.step("closed");
        },
    );
    await contains(".o_kpi_home_need .btn").click();
    await animationFrame();
    expect.verifySteps(["Decide", "closed"]);
});

test("what asks for more before it is decided opens it", async () => {
    onRpc("kpi.approval.item", "action_approve", () => ({
        type: "ir.actions.act_window",
        name: "Decide Dispute",
    }));
    await open(() => ({ ...SUMMARY, needs: [DECISION] }));
    await contains(".o_kpi_home_need .btn").click();
    expect.verifySteps(["Decide Dispute"]);
    await contains(".o_kpi_home_needs header .btn").click();
    expect.verifySteps([["kpi_base.kpi_approval_step_action_mine", undefined]]);
});

test("forty tasks scroll in their own list", async () => {
    const needs = Array.from({ length: 40 }, (_, at) => ({ ...DECISION, text: `Task ${at}` }));
    await open(() => ({ ...SUMMARY, needs }));
    expect(".o_kpi_home_need").toHaveCount(40);
    const list = queryOne(".o_kpi_home_needs > ul");
    expect(list.scrollHeight).toBeGreaterThan(list.clientHeight);
    expect(list.clientHeight).toBeLessThan(500);
});

test("the digest says what happened since the last working day, each a way on", async () => {
    mockDate("2026-11-10 10:00:00");
    const alerts = { ...LATE, kind: "alert", title: "2 KPIs have new alerts", ids: [5, 6] };
    alerts.model = "kpi.alert.event";
    const digest = { day: "2026-11-06", items: [MOVE, LATE, alerts] };
    await open(() => ({ ...SUMMARY, digest }));
    expect("#o_kpi_home_digest").toHaveText("Since Friday");
    expect(".o_kpi_home_digest header small").toHaveText(/^Good morning, /);
    expect(queryAllTexts(".o_kpi_home_news .o_kpi_home_name > span")).toEqual([
        "Won Revenue +21 k€",
        "2 tasks went overdue",
        "2 KPIs have new alerts",
    ]);
    expect(queryAllTexts(".o_kpi_home_sign")).toEqual(["▲", "●", "●"]);
    expect(".o_kpi_home_sign:first").toHaveClass("o_kpi_status_success");
    await contains(".o_kpi_home_news:contains(Won Revenue)").click();
    await contains(".o_kpi_home_news:contains(alerts)").click();
    expect.verifySteps([[7, "2026-11-01"], "2 KPIs have new alerts"]);
    await contains(".o_kpi_home_news:contains(overdue)").click();
    expect("#o_kpi_home_needs").toBeFocused();
});

test("where nothing happened there is no digest", async () => {
    await open(() => SUMMARY);
    expect(".o_kpi_home_digest").toHaveCount(0);
});

test("days are named while they are near", async () => {
    await makeMockEnv();
    const today = DateTime.fromISO("2026-11-10");
    const said = (day) => sinceWords(DateTime.fromISO(day), today);
    expect(said("2026-11-09")).toBe("Since yesterday");
    expect(said("2026-11-05")).toBe("Since Thursday");
    expect(said("2026-11-03")).toMatch(/^Since (3 Nov|Nov 3)$/);
    expect(said("2025-11-03")).toMatch(/^Since .*2025$/);
});

test("the running period is a switch away", async () => {
    await open((period) => {
        expect.step(period);
        return { ...SUMMARY, period: period || "closed" };
    });
    await contains("[aria-label=Period] button:contains(November)").click();
    await animationFrame();
    expect("h1").toHaveText("November 2026 · Nordwind");
    expect("[aria-pressed=true]:contains(November)").toHaveCount(1);
    expect.verifySteps([null, "running"]);
});

test.tags("desktop");
test("a KPI whose period is not that of the title names it", async () => {
    const period = { label: "W43 2026", is_running: false };
    const other = { ...CARD, report_id: 8, period };
    let cards = [CARD, { ...other, scope: "West" }];
    await open(() => ({ ...SUMMARY, cards }));
    const said = () => queryAllTexts(".o_kpi_lines_before > span[aria-hidden]");
    expect(said()).toEqual(["East", "West · W43 2026"]);
    expect(".o_kpi_home_about").toHaveText("Nordwind");
    cards = [CARD, other];
    await contains(".o_kpi_home_period .btn:last").click();
    expect(said().filter(Boolean)).toEqual(["W43 2026"]);
    expect(".o_kpi_home_about").toHaveText("East · Nordwind");
});

test.tags("desktop");
test("a long company name is cut, the title is not", async () => {
    const company = "Nordwind Components Gesellschaft ".repeat(8);
    await open(() => ({ ...SUMMARY, company }));
    const isCut = (css) => {
        const { clientWidth, scrollWidth } = queryOne(css);
        return scrollWidth > clientWidth;
    };
    expect(isCut(".o_kpi_home_about")).toBe(true);
    expect(isCut(".o_last_breadcrumb_item > span")).toBe(false);
});

test("in another year the periods are named with theirs", async () => {
    const titles = { closed: "December 2026", running: "January 2027" };
    await open(() => ({ ...SUMMARY, titles }));
    expect(queryAllTexts(".o_kpi_home_period button")).toEqual([
        "December 2026",
        "January 2027 so far",
    ]);
});

test("what has an hour is due then; decisions without a day say so", async () => {
    mockDate("2026-11-10 10:00:00");
    const late = { ...DECISION, date: "2026-11-10", due_at: "2026-11-10 00:30:00", urgency: 0 };
    const open_ = { ...DECISION, date: null };
    await open(() => ({ ...SUMMARY, needs: [late, open_] }));
    expect(".o_kpi_home_due:first").toHaveText(/^Overdue since .*30/);
    expect(".o_kpi_home_due:last").toHaveText("No due date");
});

test("who enters values has no page of all changes", async () => {
    await open(() => ({ ...SUMMARY, role: "employee" }));
    expect(".o_kpi_home_changes header .btn").toHaveCount(0);
});

test("a star is given on the card, which does not open it", async () => {
    await open(() => SUMMARY);
    await contains(".o_kpi_home_card .o_kpi_star").click();
    expect.verifySteps([["star", 7, true]]);
});

test("what has no value says why instead of a number", async () => {
    const reason = "No value entered yet.";
    const missing = { ...CARD, reason, value: null, previous: null, status: "no_data" };
    await open(() => ({ ...SUMMARY, cards: [missing] }));
    expect(".o_kpi_lines_value").toHaveText("–");
    expect(".o_kpi_lines_trend").toHaveText("No value entered yet.");
    expect(".o_kpi_home_card .o_kpi_sparkline").toHaveCount(0);
    expect(".o_kpi_lines_before bdi").toHaveText("");
});

test("who may enter the first value does so from the card", async () => {
    onRpc("kpi.report", "action_enter_value", ({ args: [[id]] }) => ({ name: `enter ${id}` }));
    const missing = { ...CARD, reason: "Nobody has yet.", value: null, status: "no_data" };
    const own = { ...missing, report_id: 8, can_enter: true };
    await open(() => ({ ...SUMMARY, cards: [missing, own] }));
    expect(".o_kpi_lines_trend button").toHaveCount(1);
    await contains(".o_kpi_lines_trend button").click();
    expect.verifySteps(["enter 8"]);
});

test("who enters values begins with them", async () => {
    const parts = () =>
        [...document.querySelectorAll(".o_kpi_home > section")].map((part) => part.className);
    await open(() => ({ ...SUMMARY, role: "employee" }));
    expect(parts()[0]).toInclude("o_kpi_home_needs");
});

test.tags("mobile");
test("on a phone what waits comes first", async () => {
    await open(() => ({ ...SUMMARY, role: "administrator" }));
    expect(".o_kpi_home > section:first").toHaveClass("o_kpi_home_needs");
});

test("sums that still grow are said to be compared later", async () => {
    await open(() => ({ ...SUMMARY, changes: [], growing_count: 3 }));
    expect(queryAllTexts(".o_kpi_home_changes p")).toEqual([
        "No changes to compare yet.",
        "3 KPI totals are compared when the period closes.",
    ]);
});

const START = {
    cards: [
        {
            model: "kpi.gallery.dashboard",
            id: 5,
            name: "Sales",
            description: "Orders and pipeline.",
            has_records: true,
            records: "12 leads found",
            kpi: {
                name: "Open Pipeline",
                unit: { kind: "number", decimals: 0 },
                points: [
                    { label: "Oct 2026", value: 7, running: false },
                    { label: "Nov 2026", value: 12, running: true },
                ],
            },
        },
        {
            model: "kpi.gallery.dashboard",
            id: 6,
            name: "Finance",
            description: "Revenue and costs.",
            has_records: false,
            records: "Needs invoices; none yet",
            kpi: { name: "Revenue", unit: null, points: [] },
        },
    ],
    others: [{ model: "kpi.gallery.dashboard", id: 7, name: "Marketing" }],
    steps: [
        { key: "kpi", title: "First KPI", is_done: true },
        { key: "target", title: "First target", is_done: false },
    ],
};

async function openStart(start = START) {
    onRpc("kpi.home", "get_start", () => start);
    onRpc("kpi.gallery.dashboard", "action_start", ({ args: [[id]] }) => ({ name: `area ${id}` }));
    await open(() => ({ ...SUMMARY, ...EMPTY, role: "officer" }));
}

test("without any KPI an officer is asked what to see first", async () => {
    await openStart();
    expect(".o_kpi_start h1").toHaveText("What do you want to see first?");
    expect(queryAllTexts(".o_kpi_start_card h2")).toEqual(["Sales", "Finance"]);
    expect(queryAllTexts(".o_kpi_start_kpi")).toEqual([
        "Open Pipeline · Nov 2026 so far",
        "Revenue",
    ]);
    expect(queryAllTexts(".o_kpi_start_value")).toEqual(["12", "–"]);
    expect(queryAllTexts(".o_kpi_start_records")).toEqual([
        "● 12 leads found",
        "● Needs invoices; none yet",
    ]);
    expect(".o_kpi_start_card:first .o_kpi_sparkline").toHaveCount(1);
    expect(".o_kpi_start_empty .o_kpi_sparkline").toHaveCount(0);
    expect(".o_kpi_start_steps").toHaveText(/1 of 2/);
    expect(".o_kpi_start_done").toHaveText("First KPI");
});

test("one click turns an area on; the first one is the primary button", async () => {
    await openStart();
    expect(".o_kpi_start .btn-primary").toHaveCount(1);
    await contains(".o_kpi_start .btn-primary:contains(Show Sales KPIs)").click();
    expect.verifySteps(["area 5"]);
    await contains(".o_kpi_start_others .btn:contains(Marketing)").click();
    expect.verifySteps(["area 7"]);
});

test("where nothing is ready, a KPI of one's own is the first way", async () => {
    await openStart({ cards: [], others: [], steps: [] });
    expect(".o_kpi_start_card").toHaveCount(0);
    expect(".o_kpi_start .btn-primary").toHaveText("Create a KPI");
    await contains(".o_kpi_start .btn:contains(Import)").click();
    expect.verifySteps([["kpi_base.kpi_import_action", undefined]]);
});

test("an officer explores sample data", async () => {
    onRpc("kpi.example", "action_try", () => ({ name: "tried" }));
    await openStart();
    await contains(".o_kpi_start .btn:contains(Sample Data)").click();
    expect.verifySteps(["tried"]);
});

test("example data says so, and is removed by one click", async () => {
    onRpc("kpi.example", "action_remove", () => ({ name: "removed" }));
    await open(() => ({ ...SUMMARY, has_example: true }));
    await contains(".btn:contains(Remove Example Data)").click();
    expect.verifySteps(["removed"]);
});

test("without any KPI others are told whom to ask", async () => {
    await open(() => ({ ...SUMMARY, ...EMPTY, ask: "Clara Vogt", role: "employee" }));
    expect(queryAllTexts(".o_kpi_screen_empty p")).toEqual([
        "No KPIs tracked for you yet.",
        "Ask Clara Vogt to track or share one.",
    ]);
});

test("what fails can be tried again", async () => {
    await open(() => {
        throw makeServerError({ message: "Not now." });
    });
    expect("[role=alert]").toHaveText(/Not now\./);
});

test("due dates are said in words", async () => {
    await makeMockEnv();
    const today = DateTime.fromISO("2026-11-10");
    const said = (day) => dueWords(DateTime.fromISO(day), today);
    expect(said("2026-11-10")).toBe("Due today");
    expect(said("2026-11-11")).toBe("Due tomorrow");
    expect(said("2026-11-09")).toBe("Overdue since yesterday");
    expect(said("2026-11-06")).toMatch(/^Overdue since (6 Nov|Nov 6)$/);
    expect(said("2027-01-06")).toMatch(/^Due .*2027$/);
});

test("hours are said while their day is near", async () => {
    await makeMockEnv();
    const now = DateTime.fromISO("2026-11-10T10:00");
    const said = (moment) => dueMomentWords(DateTime.fromISO(moment), now);
    expect(said("2026-11-10T09:30")).toMatch(/^Overdue since 0?9:30/);
    expect(said("2026-11-09T09:30")).toBe("Overdue since yesterday");
    expect(said("2026-11-10T16:00")).toMatch(/^Due today, (4:00 PM|16:00)$/);
    expect(said("2026-11-11T16:00")).toMatch(/^Due tomorrow, (4:00 PM|16:00)$/);
    expect(said("2026-11-13T16:00")).toMatch(/^Due Fri,? (4:00 PM|16:00)$/);
    expect(said("2026-11-20T16:00")).toMatch(/^Due (20 Nov|Nov 20)$/);
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
