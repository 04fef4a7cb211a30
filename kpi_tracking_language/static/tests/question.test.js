import { expect, mockDate, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { contains, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { rememberQuestion } from "@kpi_tracking_language/eager/question_palette/last_questions";
import { Question } from "@kpi_tracking_language/screens/question/question";

defineMailModels();

const ANSWER = {
    outcome: "answered",
    sentences: ["Visits, Sales, Jan 2026: 30", "More than usual."],
    chips: [
        { key: "kind", text: "Value", choices: [{ value: "trend", text: "Trend" }] },
        { key: "metric", text: "Visits", choices: [] },
    ],
    candidates: [],
    rows: [
        { id: 7, name: "Visits", scope: "Sales", label: "Jan 2026", text: "30", status: "at_risk" },
    ],
    more: 2,
    kpi: null,
    changed_to: null,
    proposal: null,
    after: null,
};

async function mountQuestion(answer, props = { action: {} }) {
    localStorage.clear();
    rememberQuestion("Visits by department");
    mockService("action", {
        doAction: ({ res_id, res_model }) => expect.step([res_model, res_id]),
    });
    onRpc("kpi.nlp.processor", "ask", ({ args }) => {
        expect.step(args);
        return { ...ANSWER, ...answer };
    });
    onRpc("kpi.nlp.processor", "confirm_action", ({ args }) => {
        expect.step(args);
        return {
            sentences: ["The alert is on."],
            records: [{ id: 3, model: "kpi.smart.alert", name: "Visits below 4" }],
        };
    });
    await mountWithCleanup(Question, { props });
}

test("an answer has sentences, what was read, and rows that open KPIs", async () => {
    await mountQuestion({});
    await contains(".o_kpi_question_chip:contains(Visits by department)").click();
    expect.verifySteps([["Visits by department", {}, null]]);
    expect(queryAllTexts(".o_kpi_question_answer > p")).toEqual([
        "Visits, Sales, Jan 2026: 30",
        "More than usual.",
        "2 more",
    ]);
    expect(queryAllTexts(".o_kpi_question_fixed")).toEqual(["Visits"]);
    await contains(".o_kpi_question_rows button").click();
    expect.verifySteps([["kpi.report", 7]]);
});

test("another choice asks again, and a new question forgets it", async () => {
    await mountQuestion({});
    await contains(".o_kpi_question input").edit("visits", { confirm: "enter" });
    expect.verifySteps([["visits", {}, null]]);
    await contains("button.o_kpi_question_chip:contains(Value)").click();
    await contains(".o-dropdown-item:contains(Trend)").click();
    expect.verifySteps([["visits", { kind: "trend" }, null]]);
    await contains(".o_kpi_question_form button").click();
    expect.verifySteps([["visits", {}, null]]);
});

test("what is proposed is done once it is confirmed", async () => {
    const params = { query: "alert me when visits are below 4" };
    const proposed = { outcome: "proposed", proposal: "token", rows: [] };
    await mountQuestion(proposed, { action: { params } });
    expect.verifySteps([[params.query, {}, null]]);
    await contains("button:contains(Confirm)").click();
    expect.verifySteps([["token"]]);
    expect("button:contains(Confirm)").toHaveCount(0);
    expect("[role=status]").toHaveText(/The alert is on/);
    await contains("[role=status] button").click();
    expect.verifySteps([["kpi.smart.alert", 3]]);
});

test("a question back offers what may be meant", async () => {
    const parts = [
        { text: "visits for ", is_struck: false },
        { text: "flurbs", is_struck: true },
        { text: " North", is_struck: false },
    ];
    const candidates = [{ question: "visits for North", parts }];
    await mountQuestion({ outcome: "ambiguous", sentences: ["Which?"], chips: [], candidates });
    await contains(".o_kpi_question input").edit("visits", { confirm: "enter" });
    expect.verifySteps([["visits", {}, null]]);
    expect("button s").toHaveText("flurbs");
    await contains("button:contains(North)").click();
    expect.verifySteps([["visits for North", {}, null]]);
});

test("an answer is kept as a tile of the dashboard that it was asked from", async () => {
    const dashboard = { id: 4, name: "Sales board" };
    const props = { action: { params: { dashboard, query: "visits" } } };
    onRpc("kpi.dashboard.tile", "create", ({ args }) => {
        const [{ dashboard_id, kind, report_ids, scope_mode }] = args[0];
        expect.step([dashboard_id, kind, report_ids, scope_mode]);
        return [9];
    });
    await mountQuestion({}, props);
    expect.verifySteps([["visits", {}, null]]);
    await contains("button:contains(Add Tile)").click();
    expect.verifySteps([[4, "table", [[6, 0, [7]]], "fixed"]]);
    expect("[role=status]:contains(Tile added to Sales board.)").toHaveCount(1);
    expect("button:contains(Add Tile)").toHaveCount(0);
});

test("without a dashboard nothing is kept as a tile", async () => {
    await mountQuestion({}, { action: { params: { dashboard: false, query: "visits" } } });
    expect.verifySteps([["visits", {}, null]]);
    expect("button:contains(Add Tile)").toHaveCount(0);
});

test("a question follows up on the answer, and what it changed is marked", async () => {
    const after = { kind: "value", metrics: ["1"] };
    const chips = [
        { key: "metric", text: "Visits", choices: [], is_changed: false },
        { key: "scope", text: "North", choices: [], is_changed: true },
    ];
    await mountQuestion({ after, chips });
    await contains(".o_kpi_question input").edit("visits", { confirm: "enter" });
    expect.verifySteps([["visits", {}, null]]);
    await contains(".o_kpi_question input").edit("and for North?", { confirm: "enter" });
    expect.verifySteps([["and for North?", {}, after]]);
    expect(queryAllTexts(".o_kpi_question_changed")).toEqual(["North\nChanged"]);
});

test("after ten minutes a question stands for itself", async () => {
    mockDate("2026-03-18 10:00:00");
    await mountQuestion({ after: { kind: "value" } });
    await contains(".o_kpi_question input").edit("visits", { confirm: "enter" });
    expect.verifySteps([["visits", {}, null]]);
    mockDate("2026-03-18 10:10:01");
    await contains(".o_kpi_question input").edit("and for North?", { confirm: "enter" });
    expect.verifySteps([["and for North?", {}, null]]);
});
