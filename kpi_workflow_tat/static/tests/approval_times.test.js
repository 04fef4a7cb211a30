import { expect, test } from "@odoo/hoot";
import { press, queryAll, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    makeMockEnv,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { getDefaultConfig } from "@web/views/view";
import { ApprovalTimes } from "@kpi_workflow_tat/screens/approval_times/approval_times";
import {
    fromAddress,
    toAddress,
    toOptions,
} from "@kpi_workflow_tat/screens/approval_times/times_choice";

defineMailModels();

const PAGE = {
    approvers: {
        count: 3,
        goal: 0.9,
        rows: [
            {
                approver_id: 5,
                company_id: 1,
                count: 13,
                hours: 9.2,
                id: 1,
                name: "Henrik Nord",
                note: "Services",
                range: [0.67, 0.99],
                ratio: 12 / 13,
                waiting: 0,
            },
            {
                approver_id: 6,
                company_id: 1,
                count: 40,
                hours: null,
                id: 2,
                name: "Jonas Keller",
                note: "Sales",
                range: [0.71, 0.93],
                ratio: 0.85,
                waiting: 3,
            },
        ],
        title: "No approver is clearly slower",
    },
    choices: {
        departments: [{ count: 5, id: 3, name: "Sales" }],
        templates: [{ count: 9, id: 7, name: "Special price" }],
    },
    days: ["2026-09-01", "2026-11-28"],
    engagement: {
        active_spectators_count: 0,
        comments_count: 12,
        documents_count: 3,
        spectators_count: 4,
        title: "12 comments on 23 requests",
        work_notes_count: 1,
    },
    figures: {
        in_time: { count: 83, high: 0.924, low: 0.778, met: 72 },
        overdue: {
            count: 3,
            month: "2026-11-01",
            note: "2 in October, 6 in September",
            title: "Overdue in November",
        },
        response: { hours: 5.2, least: 8, most: 8 },
        waiting: { count: 11, overdue: 2 },
    },
    is_empty: false,
    late: {
        count: 11,
        rows: [
            {
                approver: "Clara Vogt",
                can_explain: true,
                due_at: "2026-11-27 13:30:00",
                hours: 1.5,
                id: 31,
                is_open: false,
                number: "REQ/53",
                reason: "Not given",
                request_id: 53,
                subject: "Licenses",
            },
            {
                approver: "Jonas Keller",
                can_explain: false,
                due_at: "2026-10-21 08:00:00",
                hours: 2.5,
                id: 32,
                is_open: true,
                number: "REQ/55",
                reason: "",
                request_id: 55,
                subject: "Bearings",
            },
        ],
        title: "Late decisions",
    },
    months: {
        rows: [
            {
                count: 30,
                is_running: false,
                label: "Oct",
                late: 2,
                name: "October 2026",
                start: "2026-10-01",
            },
            {
                count: 12,
                is_running: true,
                label: "Nov",
                late: 3,
                name: "November 2026",
                start: "2026-11-01",
            },
        ],
        title: "Fewer late decisions since September",
    },
    outcomes: {
        count: 23,
        ends: [
            { count: 18, hours: 5.2, outcome: "approved" },
            { count: 2, hours: 7.1, outcome: "rejected" },
            { count: 3, hours: null, outcome: "open" },
        ],
        template_id: 7,
        title: "Special price: 18 of 23 approved on first submission",
    },
    priorities: {
        has_list: false,
        rows: [{ count: 83, hours: 5.2, name: "Standard", priority: "standard", ratio: 0.87 }],
        title: "All requests: Standard",
    },
    reminders: {
        rows: [{ count: 14, decided: 12, hours: 1.2, percent: 50 }],
        title: "14 reminders, 0 of them overdue",
    },
    steps: {
        rows: [{ count: 23, hours: 26, name: "Level 1", worked_hours: 9.1 }],
        title: "Level 1 takes longest: 26.0 h (median)",
    },
};
const NOTHING = {
    approvers: null,
    engagement: null,
    late: null,
    months: null,
    outcomes: null,
    priorities: null,
    reminders: null,
    steps: null,
};
const ZERO = {
    in_time: { count: 0, high: null, low: null, met: 0 },
    overdue: { count: 0, month: null, note: "", title: "Overdue" },
    response: { hours: null, least: null, most: null },
    waiting: { count: 0, overdue: 0 },
};
const asked = (values = {}) =>
    JSON.stringify({
        date_from: false,
        date_to: false,
        department_id: false,
        period: "last_3_months",
        template_id: false,
        ...values,
    });

// Between a number and its unit there is a narrow space.
const plainText = (text) => text.replace(/\s+/g, " ").trim();
const textsOf = (selector) => queryAllTexts(selector).map(plainText);

async function openPage(page = PAGE, state = undefined) {
    mockDate("2026-11-28 16:00:00", 0);
    onRpc("kpi.tat.approval.times", "get_page", ({ args }) => {
        expect.step(JSON.stringify(args[0]));
        return page;
    });
    for (const method of ["open_list", "open_requests", "download"]) {
        onRpc("kpi.tat.approval.times", method, ({ args }) => {
            expect.step(`${method} ${JSON.stringify(args.slice(1))}`);
            return { type: "ir.actions.act_window" };
        });
    }
    onRpc("kpi.tat.level", "action_add_delay_reason", ({ args }) => {
        expect.step(`reason ${args[0]}`);
        return { type: "ir.actions.act_window" };
    });
    mockService("action", {
        doAction(action, options) {
            options?.onClose?.();
        },
    });
    const env = await makeMockEnv({ config: getDefaultConfig() });
    const props = { action: {}, actionId: 1, state, updateActionState: () => {} };
    await mountWithCleanup(ApprovalTimes, { env, props });
    await animationFrame();
}

test.tags("desktop");
test("four figures lead to their lists", async () => {
    await openPage();
    expect(textsOf(".o_kpi_times_value")).toEqual(["87%", "5.2 h", "3", "11"]);
    expect(".o_kpi_times_figure:last .o_kpi_times_faint").toHaveText("Open requests");
    expect(textsOf(".o_kpi_times_figure .o_kpi_times_note")).toEqual([
        "72 of 83 · between 78% and 92%",
        "of 8 h allowed",
        "2 in October, 6 in September",
        "2 overdue",
    ]);
    for (const figure of queryAll(".o_kpi_times_figure")) {
        await contains(figure).click();
    }
    expect.verifySteps([
        asked(),
        'open_list ["decisions"]',
        'open_list ["decisions"]',
        'open_list ["late",{"month":"2026-11-01"}]',
        'open_list ["aging"]',
    ]);
});

test.tags("desktop");
test("approvers are on one scale with the goal", async () => {
    await openPage();
    expect(".o_kpi_times_approvers tbody tr").toHaveCount(2);
    expect(textsOf(".o_kpi_times_strong").map((text) => text.split(" ")[0])).toEqual([
        "92%",
        "85%",
    ]);
    const [first] = queryAll(".o_kpi_times_range");
    expect(first.style.insetInlineStart).toBe("67%");
    expect(queryAll(".o_kpi_times_goal")[0].style.insetInlineStart).toBe("90%");
    expect(".o_kpi_times_wide:first p").toHaveText(/Dashed: goal 90%\.$/);
    expect(".o_kpi_times_approvers tbody tr:last td:eq(3)").toHaveText("–");
    await contains(".o_kpi_times_approvers button:contains(Jonas)").click();
    await contains("button:contains(/^See All 3$/)").click();
    expect.verifySteps([
        asked(),
        'open_list ["decisions",{"approver_id":6,"company_id":1}]',
        'open_list ["approvers"]',
    ]);
});

test.tags("desktop");
test("without a target there is no goal", async () => {
    await openPage({ ...PAGE, approvers: { ...PAGE.approvers, goal: null } });
    expect(".o_kpi_times_goal").toHaveCount(0);
    expect(".o_kpi_times_wide:first p").not.toHaveText(/goal/);
    expect.verifySteps([asked()]);
});

test.tags("desktop");
test("late decisions have a reason, or get one", async () => {
    await openPage();
    const cells = queryAll(".o_kpi_times_list tbody tr").map((row) => [
        plainText(row.children[2].textContent),
        plainText(row.children[3].textContent),
    ]);
    expect(cells).toEqual([
        ["1.5 h", "Add a reason"],
        ["2.5 h, still open", ""],
    ]);
    await contains("button:contains(Add a reason)").click();
    await animationFrame();
    await contains("button:contains(/^See All 11$/)").click();
    expect.verifySteps([asked(), "reason 31", asked(), 'open_list ["late"]']);
});

test.tags("desktop");
test("outcomes lead to their requests", async () => {
    await openPage();
    expect(textsOf(".o_kpi_outcome_end .o_kpi_outcome_count")).toEqual([
        "18 · 5.2 h",
        "2 · 7.1 h",
        "3",
    ]);
    queryAll(".o_kpi_outcome_end")[1].focus();
    await press("Enter");
    await animationFrame();
    expect.verifySteps([asked(), 'open_requests ["rejected"]']);
});

test.tags("desktop");
test("filters ask again, once for all sections", async () => {
    await openPage();
    expect(".o_kpi_times_filters button:first").toHaveText("Sep 1 to Nov 28, 2026");
    await contains(".o_kpi_times_filters button:contains(All templates)").click();
    await contains(".o-dropdown-item:contains(Special price)").click();
    await contains(".o_kpi_times_filters button:first").click();
    await contains(".o-dropdown-item:contains(Last month)").click();
    await animationFrame();
    expect(".o_kpi_times_filters button:contains(Special price)").toHaveCount(1);
    expect.verifySteps([
        asked(),
        asked({ template_id: 7 }),
        asked({ period: "last_month", template_id: 7 }),
    ]);
});

test("who comes back finds the same choice", async () => {
    const choice = { ...fromAddress({}), department: 3, period: "this_year" };
    await openPage(PAGE, { choice });
    expect.verifySteps([asked({ department_id: 3, period: "this_year" })]);
});

test.tags("desktop");
test("files and emails are in the menu of the page", async () => {
    await openPage();
    await contains(".o_kpi_times_cog").click();
    expect(".o-dropdown-item").toHaveCount(5);
    await contains(".o-dropdown-item:contains(Excel)").click();
    expect.verifySteps([asked(), 'download ["xlsx"]']);
});

test("what is missing closes up", async () => {
    await openPage({ ...PAGE, ...NOTHING, engagement: PAGE.engagement });
    expect(".o_kpi_times_section").toHaveCount(1);
    expect(".o_kpi_times_section tr").toHaveCount(4); // of five, one is zero
    expect.verifySteps([asked()]);
});

test("without requests the page says so", async () => {
    await openPage({ ...PAGE, ...NOTHING, figures: ZERO, is_empty: true });
    expect(queryOne(".o_kpi_screen_empty p")).toHaveText("No requests in the last 3 months");
    expect(".btn-primary").toHaveCount(1);
    expect.verifySteps([asked()]);
});

test("a choice is stored in the address and read from it", () => {
    const usual = fromAddress({});
    expect(usual).toEqual({
        department: 0,
        from: "",
        period: "last_3_months",
        template: 0,
        to: "",
    });
    const chosen = {
        department: 3,
        from: "2026-01-05",
        period: "custom",
        template: 7,
        to: "2026-02-28",
    };
    expect(fromAddress(toAddress(chosen))).toEqual(chosen);
    expect(toOptions(chosen)).toEqual({
        date_from: "2026-01-05",
        date_to: "2026-03-01",
        department_id: 3,
        period: "custom",
        template_id: 7,
    });
    expect(fromAddress({ from: "soon", period: "always", template: "x" })).toEqual(usual);
});
