import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    makeMockEnv,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { HistoryChart, numbersOf } from "@kpi_tracking/screens/history_chart/history_chart";

class KpiReport extends models.Model {
    _name = "kpi.report";

    name = fields.Char();
    kpi_name = fields.Char();
    standing = fields.Json();
    asked_period = fields.Json();
    unit = fields.Selection({ selection: [["number", "Number"]] });
    decimals = fields.Integer();
    currency_id = fields.Many2one({ relation: "res.currency" });
    unit_symbol = fields.Char();
    duration_unit = fields.Selection({ selection: [["day", "Days"]] });
    aggregation_time = fields.Selection({ selection: [["sum", "Sum"]] });
    current_value = fields.Float();
    target_value = fields.Float();
    last_measured_at = fields.Datetime();

    _records = [{ id: 1, name: "Orders", unit: "number" }];
}

class ResCurrency extends models.Model {
    _name = "res.currency";
}

defineMailModels();
defineModels([KpiReport, ResCurrency]);

const point = (label, value, values = {}) => ({
    label,
    start: label,
    value,
    target: 100,
    low: null,
    high: null,
    achievement: value,
    status: "at_risk",
    running: false,
    incomplete: false,
    ...values,
});
const MONTHS = [
    point("Sep 2026", 90.25),
    point("Oct 2026", null, { achievement: null, status: "no_data" }),
    point("Nov 2026", 40, { running: true }),
];
const GRAINS = [
    ["month", "Month"],
    ["year", "Year"],
];

const mountForm = () =>
    mountView({
        type: "form",
        resModel: "kpi.report",
        resId: 1,
        arch: `<form><widget name="kpi_history"/></form>`,
    });

test("the history is a chart, and a table with the newest period first", async () => {
    onRpc("kpi.report", "get_history", () => ({ grain: "month", grains: GRAINS, points: MONTHS }));
    await mountForm();
    expect("canvas[aria-label='History of Orders']").toHaveCount(1);
    await contains("button:contains(Show as Table)").click();
    expect("canvas").toHaveCount(0);
    expect(queryAllTexts("tbody th")).toEqual(["Nov 2026", "Oct 2026", "Sep 2026"]);
    expect(queryAllTexts("tbody tr:eq(1) td")).toEqual(["–", "100", "–", "No data"]);
    expect("tbody tr:eq(2) td:first").toHaveText("90");
    expect("tbody tr:eq(2) td:first").toHaveAttribute("data-tooltip", "90.25");
});

test("a period that had a different status then is marked, and shown by today's target", async () => {
    const today = { achievement: 180.5, target: 50, value: 90.25, status: "on_target", band: "" };
    const points = [{ ...MONTHS[0], rated_value: 80, today, is_stretch_reached: true }, MONTHS[2]];
    onRpc("kpi.report", "get_history", () => ({ grain: "month", grains: GRAINS, points }));
    await mountForm();
    await contains("button:contains(Show as Table)").click();
    expect(".o_kpi_history_differs").toHaveCount(1);
    expect(".o_kpi_history_differs").toHaveText("At closing: 80. Now: 181%, target 50");
    expect("tbody tr:eq(1) .o_kpi_status").toHaveText("At risk");
    expect("tbody tr:eq(1) td:last").toHaveText(/Stretch reached/);
    await contains(".btn:contains(Current Target)").click();
    expect("tbody tr:eq(1) .o_kpi_status").toHaveText("On track");
    expect(".o_kpi_history_differs").toHaveText("At the time: 90%, target 100, value 80");
});

test("a running sum stands beside the part of its target that is due", async () => {
    const running = point("Nov 2026", 40, { achievement: 160, due: 0.25, running: true });
    const points = [{ ...MONTHS[0], due: 1 }, running];
    onRpc("kpi.report", "get_history", () => ({ grain: "month", grains: GRAINS, points }));
    await mountForm();
    await contains("button:contains(Show as Table)").click();
    const cells = queryAllTexts("tbody tr:eq(0) td").map((text) => text.replace(/\s/g, " "));
    expect(cells.slice(1, 3)).toEqual(["25 to date", "160% to date"]);
    expect("tbody tr:eq(1) td:eq(1)").toHaveText("100");
});

test("a changed definition is named in its period, and each value is explained", async () => {
    const changed = { seam: "Definition changed", change_reason: "Drafts count" };
    const points = [{ ...MONTHS[0], ...changed }, MONTHS[1]];
    onRpc("kpi.report", "get_history", () => ({ grain: "month", grains: GRAINS, points }));
    onRpc("kpi.report", "action_explain_period", ({ args }) => {
        expect.step(args);
        return { type: "ir.actions.act_window_close" };
    });
    await mountForm();
    await contains("button:contains(Show as Table)").click();
    expect(".o_kpi_history_differs").toHaveText("Definition changed. Drafts count");
    expect("tbody button").toHaveCount(1);
    await contains("tbody button").click();
    expect.verifySteps([[[1], "month", "Sep 2026"]]);
});

test("what is expected stands beside running and coming periods", async () => {
    const running = { expected: { value: 90, low: 80, high: 100 } };
    const coming = point("Dec 2026", null, {
        achievement: null,
        coming: true,
        expected: { value: 95, low: null, high: null },
        status: "no_data",
    });
    const unusual = { unusual: "Sep 2026 was 90, usually 70 ± 9." };
    const points = [{ ...MONTHS[0], ...unusual }, { ...MONTHS[2], ...running }, coming];
    onRpc("kpi.report", "get_history", () => ({ grain: "month", grains: GRAINS, points }));
    await mountForm();
    expect("canvas").toHaveCount(1);
    await contains("button:contains(Show as Table)").click();
    expect("tbody tr:eq(0) td:first").toHaveText("Expected 95");
    expect("tbody tr:eq(0) td:last").toHaveText("Upcoming");
    expect("tbody tr:eq(1) td:first").toHaveText(/^40\s+Expected 90 \(80 – 100\), 80%$/);
    expect("tbody tr:eq(2) th").toHaveText(/usually 70 ± 9/);
});

test("where nothing differs there is nothing to choose", async () => {
    onRpc("kpi.report", "get_history", () => ({ grain: "month", grains: GRAINS, points: MONTHS }));
    await mountForm();
    expect("button:contains(Target at the Time)").toHaveCount(0);
});

test("another length of period is asked for, with the points of the answer", async () => {
    onRpc("kpi.report", "get_history", ({ args }) => {
        expect.step(args[1] || "own");
        const points = args[1] === "year" ? [point("2026", 500, { incomplete: true })] : MONTHS;
        return { grain: args[1] || "month", grains: GRAINS, points };
    });
    await mountForm();
    await contains("button:contains(Show as Table)").click();
    await contains("button:contains(Year)").click();
    expect.verifySteps(["own", "year"]);
    expect("button:contains(Year)").toHaveAttribute("aria-pressed", "true");
    expect("tbody tr").toHaveCount(1);
    expect("tbody th").toHaveText("2026 (incomplete)");
});

test("without values there is a sentence, after an error a second try", async () => {
    let isBroken = true;
    onRpc("kpi.report", "get_history", () => {
        if (isBroken) {
            throw new Error("no connection");
        }
        return { grain: "month", grains: GRAINS, points: [] };
    });
    await mountForm();
    expect(".o_kpi_history_empty p").toHaveText("The chart could not be loaded.");
    isBroken = false;
    await contains("button:contains(Try again)").click();
    await animationFrame();
    expect(".o_kpi_history_empty").toHaveText("The history starts with the first value.");
});

test("the title of the chart is the finding, else the KPI", async () => {
    onRpc("kpi.report", "get_history", () => ({ grain: "month", grains: GRAINS, points: MONTHS }));
    KpiReport._records[0].kpi_name = "Orders";
    await mountForm();
    expect(".o_kpi_history_title").toHaveText("Orders");
});

test("a finding is the title of the chart", async () => {
    onRpc("kpi.report", "get_history", () => ({ grain: "month", grains: GRAINS, points: MONTHS }));
    const finding = "Nov 2026 will likely end 5% short";
    KpiReport._records[0].standing = { figures: [], finding, messages: { said: 0, log: 0 } };
    await mountForm();
    expect(".o_kpi_history_title").toHaveText(finding);
});

test("a finding about a month is no title of years", async () => {
    onRpc("kpi.report", "get_history", ({ args }) => ({
        grain: args[1] || "month",
        grains: GRAINS,
        points: args[1] ? [point("2026", 500)] : MONTHS,
    }));
    const finding = "Nov 2026 is on track";
    const standing = { figures: [], finding, messages: { said: 0, log: 0 } };
    KpiReport._records[0] = { ...KpiReport._records[0], kpi_name: "Orders", standing };
    await mountForm();
    expect(".o_kpi_history_title").toHaveText(finding);
    await contains("button:contains(Year)").click();
    expect(".o_kpi_history_title").toHaveText("Orders");
    await contains("button:contains(Month)").click();
    expect(".o_kpi_history_title").toHaveText(finding);
});

test("what people noted is listed below the chart", async () => {
    const notes = [{ place: 0, date: "2026-09-30", text: "Price raised", who: "Anna" }];
    onRpc("kpi.report", "get_history", () => ({
        grain: "month",
        grains: GRAINS,
        notes,
        points: MONTHS,
    }));
    await mountForm();
    expect(".o_kpi_history_notes li").toHaveCount(1);
    expect(".o_kpi_history_notes li span:last").toHaveText(/^Anna, Sep 30(, 2026)?: Price raised$/);
});

/** Two years of months up to a running one and one to come, with a note in two of them. */
const TWO_YEARS = {
    grain: "month",
    grains: GRAINS,
    notes: [3, 20].map((place) => ({
        place,
        date: "2026-09-30",
        text: `In ${place}`,
        who: "Anna",
    })),
    points: [
        ...Array.from({ length: 23 }, (_, at) => point(`Month ${at}`, at)),
        point("Month 23", 23, { running: true }),
        point("Month 24", null, { coming: true, expected: { value: 25 } }),
    ],
};

/** Note what the chart of a form gets. */
function spyChart() {
    const drawn = [];
    patchWithCleanup(HistoryChart.prototype, {
        setup() {
            super.setup();
            drawn.push(this.props);
        },
    });
    return drawn;
}

test("the chart has the last 13 months and what comes, the table all of them", async () => {
    onRpc("kpi.report", "get_history", () => TWO_YEARS);
    const drawn = spyChart();
    await mountForm();
    const [{ notes, points }] = drawn;
    expect(points.map(({ label }) => label)).toEqual(
        Array.from({ length: 14 }, (_, at) => `Month ${at + 11}`),
    );
    expect(notes.map(({ place, text }) => [place, text])).toEqual([[9, "In 20"]]);
    expect(queryAllTexts(".o_kpi_history_notes li span:last-child")).toHaveLength(1);
    await contains("button:contains(Show as Table)").click();
    expect("tbody tr").toHaveCount(25);
    expect(".o_kpi_history_notes li").toHaveCount(2);
});

test("the chart begins with the period that was asked for, where that is earlier", async () => {
    onRpc("kpi.report", "get_history", () => TWO_YEARS);
    KpiReport._records[0].asked_period = { grain: "month", start: "Month 5" };
    const drawn = spyChart();
    await mountView({
        type: "form",
        resModel: "kpi.report",
        resId: 1,
        arch: `<form><field name="asked_period" invisible="1"/><widget name="kpi_history"/></form>`,
    });
    expect(drawn[0].points[0].label).toBe("Month 5");
});

test("a likely end that is the value so far is no second number", async () => {
    await makeMockEnv();
    const format = (value) => value.toFixed(0);
    const datasets = [{ data: [] }, { isExpected: true }];
    const texts = (expected) => {
        const points = [point("Nov 2026", 40.2, { running: true, expected: { value: expected } })];
        const numbers = numbersOf(points, datasets, { format, look: {} });
        return numbers.map(({ text }) => text.toString());
    };
    expect(texts(90)).toInclude("Likely 90");
    expect(texts(39.9)).toEqual(["40"]);
});

test("a period without a value yet has its likely end as a number", async () => {
    await makeMockEnv();
    const points = [
        point("Oct 2026", 40),
        point("Nov 2026", null, { running: true, expected: { value: 90 } }),
    ];
    const datasets = [{ data: [] }, { isExpected: true }];
    const format = (value) => value.toFixed(0);
    const numbers = numbersOf(points, datasets, { format, look: {} });
    expect(numbers.map(({ at, text }) => [at, text.toString()])).toEqual([
        [1, "Likely 90"],
        [0, "40"],
    ]);
});
