import { expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts } from "@odoo/hoot-dom";
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
import { BenefitsDashboard } from "@kpi_benefits/screens/benefits/benefits_dashboard";
import { BubbleChart, toBubbles } from "@kpi_benefits/screens/benefits/bubble_chart";
import {
    fromAddress,
    monthsOf,
    toAddress,
    toOptions,
} from "@kpi_benefits/screens/benefits/dashboard_choice";
import { stepOf, toBars } from "@kpi_benefits/screens/benefits/profile";
import { formatRate, sayRate, zonesOf } from "@kpi_benefits/screens/benefits/rate_gauge";
import { InitiativeDashboard } from "@kpi_benefits/screens/initiative_dashboard/initiative_dashboard";

defineMailModels();

const MONTHS = [
    { planned: 100, realized: 60, start: "2026-01-01" },
    { planned: 100, realized: null, start: "2026-02-01" },
];
const TOTALS = {
    compared_cost_count: 3,
    compared_planned_cost: 900,
    cost_change: 200,
    currency_id: 1,
    forecast_cost: 1200,
    months: MONTHS,
    planned: 200,
    planned_cost: 1000,
    planned_to_date: 100,
    rate: 0.6,
    rate_limit: 0.8,
    rate_status: "at_risk",
    realized: 60,
    realized_to_date: 60,
    this_month: "2026-02-01",
};
const RISK = { id: 7, name: "Tablets", planned: 100, rate: 0.6, realized: 60 };
const DEPOT = { planned: 90, realized: 30, realized_to_date: 30, status_name: "Live" };
const PORTFOLIO = {
    ...TOTALS,
    at_risk: [{ ...RISK, reasons: ["Only 60% of the plan realized to date."] }],
    at_risk_count: 3,
    benefit_count: 2,
    proposed_cost: 70,
    bubbles: [
        {
            confidence: 0.8,
            id: 4,
            name: "Rework",
            planned: 100,
            scored_on: "2025-12-01",
            start: "2026-01-01",
        },
        {
            confidence: 0.5,
            id: 5,
            name: "Orders",
            planned: 400,
            scored_on: "2026-02-01",
            start: "2027-01-01",
        },
    ],
    benefit_statuses: [{ count: 2, name: "In Progress", status: "in_progress" }],
    initiative_count: 4,
    leakages: [
        { count: 1, lost: 70, name: "Critical", severity: "critical" },
        { count: 2, lost: 7, name: "High", severity: "high" },
        { count: 0, lost: 0, name: "Low", severity: "low" },
    ],
    statuses: [
        { count: 4, name: "Live", status: "live" },
        { count: 0, name: "Closed", status: "closed" },
    ],
    top: [RISK],
    unpriced_count: 0,
};
const EMPTY = {
    ...PORTFOLIO,
    at_risk: [],
    at_risk_count: 0,
    benefit_count: 0,
    bubbles: [],
    initiative_count: 0,
    leakages: PORTFOLIO.leakages.map((one) => ({ ...one, count: 0, lost: 0 })),
    months: [],
    rate: null,
    rate_limit: null,
    rate_status: "no_data",
    top: [],
};
const ALL = '{"date_from":false,"date_to":false,"department_id":false,"program_id":false}';

async function openDashboard(portfolio = PORTFOLIO) {
    mockDate("2026-02-10 12:00:00");
    onRpc("kpi.benefit.portfolio", "get_choices", () => ({
        departments: [],
        programs: [{ id: 3, name: "Digital" }],
    }));
    onRpc("kpi.benefit.portfolio", "get_portfolio", ({ args }) => {
        expect.step(JSON.stringify(args[0]));
        return portfolio;
    });
    onRpc("kpi.benefit.portfolio", "open_records", ({ args }) => {
        expect.step(`${args[1]} ${args[2]}`);
        return { type: "ir.actions.act_window" };
    });
    mockService("action", { doAction: () => expect.step("opened") });
    const env = await makeMockEnv({ config: getDefaultConfig() });
    const props = { action: {}, actionId: 1, updateActionState: () => {} };
    await mountWithCleanup(BenefitsDashboard, { env, props });
    await animationFrame();
}

test("figures lead to their lists", async () => {
    await openDashboard();
    await contains(".o_kpi_benefits_counts button:contains(Live)").click();
    await contains("button:contains(See All 3)").click();
    expect.verifySteps([ALL, "initiatives live", "opened", "at_risk ", "opened"]);
    expect(".o_kpi_benefits_counts button:contains(Closed)").toHaveCount(0);
});

test("reasons and costs are told", async () => {
    await openDashboard();
    expect(".o_kpi_benefits_list:first .o_kpi_font_12").toHaveText(
        "Only 60% of the plan realized to date.",
    );
    expect(".o_kpi_benefits_card:last").toHaveText(
        /\+.*200.* vs plan .*900.*; initiatives compared: 3[^]*Proposals, not counted: .*70/,
    );
    expect.verifySteps([ALL]);
});

test("the chart can be read as a table", async () => {
    await openDashboard();
    await contains("button:contains(Show as Tables)").click();
    expect(".o_kpi_benefits_chart").toHaveCount(0);
    expect(queryAllTexts(".o_kpi_benefits_table:first tbody tr:last td").at(-1)).toBe("–");
    await contains(".o_kpi_benefits_table tbody button:first").click();
    expect.verifySteps([ALL, "months ", "opened"]);
});

test("a choice asks anew", async () => {
    await openDashboard();
    await contains("select:last").select("last_12");
    await animationFrame();
    expect.verifySteps([
        ALL,
        '{"date_from":"2025-02-01","date_to":"2026-01-01","department_id":false,"program_id":false}',
    ]);
});

test("a programme is chosen", async () => {
    await openDashboard();
    await contains("select:first").select("3");
    await animationFrame();
    expect.verifySteps([ALL, ALL.replace('"program_id":false', '"program_id":3')]);
});

test("leakages and confidence lead to what they are about", async () => {
    await openDashboard();
    const bars = queryAll(".o_kpi_benefits_bar_lost");
    expect(bars.map((bar) => bar.style.inlineSize)).toEqual(["100%", "10%"]);
    expect("button:contains(Low)").toHaveCount(0);
    await contains("button:contains(Critical: 1)").click();
    await contains("button:contains(Show as Tables)").click();
    await contains("button:contains(Orders)").click();
    expect.verifySteps([ALL, "leakages critical", "opened", "opened"]);
});

test("bubbles are as large as what is planned", () => {
    const [small, large] = toBubbles(PORTFOLIO.bubbles);
    expect([small.r, large.r]).toEqual([14, 28]);
    expect([small.y, large.y]).toEqual([0.8, 0.5]);
    expect(small.x < large.x).toBe(true);
});

test("bubbles of one month are drawn in that month", async () => {
    const chart = new BubbleChart({ benefits: [PORTFOLIO.bubbles[0]] });
    const look = { color: String, fade: String, font: {}, px: Number };
    const { ticks, ...x } = chart.config(look).options.scales.x;
    expect((x.max - x.min) / 86400000).toBeLessThan(65);
    const values = [x.min, x.min + 1, x.max].map((value) => ({ value }));
    const said = values.map(({ value }, at) => ticks.callback(value, at, values));
    expect(said[0]).toMatch(/^\w+ 20\d\d$/);
    expect(said[1]).toBe("");
});

test("without an initiative its dashboard says what to do", async () => {
    onRpc("kpi.initiative", "get_dashboard", () => expect.step("asked"));
    mockService("action", { doAction: (name) => expect.step(name) });
    const env = await makeMockEnv({ config: getDefaultConfig() });
    const props = { action: {}, actionId: 1, updateActionState: () => {} };
    await mountWithCleanup(InitiativeDashboard, { env, props });
    await contains("button:contains(Go to Initiatives)").click();
    expect.verifySteps(["kpi_benefits.kpi_initiative_action"]);
});

test("nothing yet: what to do first", async () => {
    await openDashboard(EMPTY);
    await contains("button:contains(Go to Initiatives)").click();
    expect.verifySteps([ALL, "opened"]);
});

test("no benefits yet: what to do next", async () => {
    await openDashboard({ ...EMPTY, initiative_count: 156 });
    expect("button:contains(Add Benefit)").toHaveCount(1);
    expect(".o_kpi_benefits_cards").toHaveCount(1);
    expect.verifySteps([ALL]);
});

test("an initiative shows its gates and costs", async () => {
    onRpc("kpi.initiative", "get_dashboard", ({ args }) => {
        expect.step(args[0][0]);
        return {
            ...TOTALS,
            actual_cost: null,
            benefits: [
                {
                    confidence: 0.6,
                    id: 3,
                    initiative_name: "",
                    name: "Fewer visits",
                    planned: 100,
                    planned_to_date: 80,
                    rate: 0.5,
                    realized: 45,
                    realized_to_date: 40,
                    reason: "Only half of it.",
                    status_name: "In Progress",
                },
            ],
            costs: [],
            forecast: { chance: 0.3, high: 180, low: 120, value: 150 },
            gates: [
                { due_date: null, id: 1, name: "Case", actual_date: "2026-01-05", is_late: false },
                { due_date: "2026-02-01", id: 2, name: "Start", actual_date: null, is_late: true },
            ],
            id: 7,
            initiatives: [
                { ...DEPOT, id: 8, name: "Depot", planned_to_date: 60, rate: 0.5 },
                { ...DEPOT, id: 9, name: "Works", planned_to_date: 0, rate: null },
            ],
            is_partial: true,
            leakages: [
                { count: 2, lost: 70, name: "Critical", severity: "critical" },
                { count: 0, lost: 0, name: "Low", severity: "low" },
            ],
            name: "Tablets",
            reasons: ["2 critical leakages are open."],
            status_name: "Live",
        };
    });
    onRpc("kpi.initiative", "action_open_leakages", () => {
        expect.step("leakages");
        return { domain: [["initiative_id", "=", 7]] };
    });
    mockService("action", {
        doAction: ({ domain }) => expect.step(domain ? domain[1][0] : "opened"),
    });
    const env = await makeMockEnv({ config: getDefaultConfig() });
    const props = {
        action: { context: { active_id: 7 } },
        actionId: 1,
        updateActionState: ({ initiative }) => expect.step(`address ${initiative}`),
    };
    await mountWithCleanup(InitiativeDashboard, { env, props });
    await animationFrame();
    expect(queryAllTexts(".o_kpi_benefits_gates .o_kpi_font_12")).toEqual([
        "Passed on Jan 5, 2026",
        "Overdue since Feb 1, 2026",
    ]);
    expect(".o_kpi_benefits_rate").toHaveText(/30%\schance of realizing at least 90%/);
    expect(".o_kpi_benefits_cost").toHaveCount(3);
    expect("[role=status]").toHaveText(/you cannot access/);
    expect(".o_kpi_benefits_list li:contains(Depot)").toHaveText(/50%/);
    expect(".o_kpi_benefits_panel:contains(At risk) li").toHaveText(/2 critical/);
    expect("li:contains(Fewer visits)").toHaveText(/confidence 60%/);
    expect("li:contains(Fewer visits)").toHaveText(/40\.0 of \$80\.0 planned to date, /);
    expect("li:contains(Fewer visits) .badge").toHaveText("In Progress");
    expect("li:contains(Depot)").toHaveText(/Live \$30\.0 of \$60\.0 planned to date$/);
    expect("li:contains(Works)").toHaveText(/Live \$90\.0 planned$/);
    await contains("button:contains(Critical: 2)").click();
    expect.verifySteps(["address 7", 7, "leakages", "severity"]);
    await contains("button:contains(Depot)").click();
    await contains("button:contains(Open Initiative)").click();
    expect.verifySteps(["opened", "opened"]);
});

test("months are added up by year", () => {
    const months = [
        ...MONTHS,
        { planned: 50, realized: null, start: "2027-01-01" },
        { planned: 50, realized: null, start: "2027-02-01" },
    ];
    const years = toBars(months, "year", String);
    expect(years.map(({ first, last }) => [first, last])).toEqual([
        ["2026-01-01", "2026-02-01"],
        ["2027-01-01", "2027-02-01"],
    ]);
    expect(years.map(({ label, planned, realized }) => [label, planned, realized])).toEqual([
        ["2026", 200, 60],
        ["2027", 100, null],
    ]);
    expect(toBars(MONTHS, "month", String).map(({ label }) => label)).toEqual([
        "2026-01-01",
        "2026-02-01",
    ]);
    expect([stepOf(months), stepOf(Array(25).fill({})), stepOf(months, "total")]).toEqual([
        "month",
        "year",
        "total",
    ]);
});

test("periods are months of the calendar", () => {
    const january = { month: 1, year: 2026 };
    expect(monthsOf("all", january)).toEqual([]);
    expect(monthsOf("this_year", january)).toEqual(["2026-01-01", "2026-12-01"]);
    expect(monthsOf("last_year", { month: 12, year: 2026 })).toEqual(["2025-01-01", "2025-12-01"]);
    expect(monthsOf("last_12", january)).toEqual(["2025-01-01", "2025-12-01"]);
    expect(monthsOf("next_12", { month: 12, year: 2026 })).toEqual(["2026-12-01", "2027-11-01"]);
});

test("a choice is stored in the address and read from it", () => {
    const usual = { department: 0, isTable: false, period: "all", program: 0 };
    expect(fromAddress({})).toEqual(usual);
    const chosen = { department: 4, isTable: true, period: "last_year", program: 3 };
    expect(fromAddress(toAddress(chosen))).toEqual(chosen);
    expect(fromAddress({ department: "x", period: "y", program: "z" })).toEqual(usual);
    expect(toOptions(chosen, { month: 5, year: 2026 })).toEqual({
        date_from: "2025-01-01",
        date_to: "2025-12-01",
        department_id: 4,
        program_id: 3,
    });
});

test("what is expected adds to what came", () => {
    const coming = (start) => ({
        expected: { high: 110, low: 70, value: 90 },
        planned: 100,
        realized: null,
        start,
    });
    const months = [
        { planned: 100, realized: 60, start: "2026-11-01" },
        { planned: 100, realized: null, start: "2026-12-01" }, // nobody has said
        coming("2027-01-01"),
        coming("2027-02-01"),
    ];
    const shown = (step) =>
        toBars(months, step, String).map(({ expected, planned, realized }) => [
            planned,
            realized,
            expected && [expected.low, expected.value, expected.high],
        ]);
    expect(shown("year")).toEqual([
        [200, 60, null],
        [200, null, [140, 180, 220]],
    ]);
    expect(shown("total")).toEqual([
        [100, 60, null],
        [200, 60, null],
        [300, null, [130, 150, 170]],
        [400, null, [200, 240, 280]],
    ]);
});

test("a rate has two zones around the limit of the server", async () => {
    await makeMockEnv(); // texts and numbers of a language
    expect(zonesOf(null)).toEqual([]);
    expect(zonesOf(0.8).map(({ color, to }) => [color, to])).toEqual([
        ["warning", 80],
        ["success", null],
    ]);
    expect(zonesOf(1.2).map(({ color, to }) => [color, to])).toEqual([
        ["success", 120],
        ["warning", null],
    ]);
    expect([formatRate(null), formatRate(0.845), formatRate(1)]).toEqual(["–", "84.5%", "100%"]);
    expect([-0.0003, 0, 0.00009, 0.0009].map(sayRate)).toEqual([
        "0%",
        "0%",
        "less than 0.1%",
        "0.1%",
    ]);
});
