import { expect, test } from "@odoo/hoot";
import { queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    clickSave,
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Benefit extends models.Model {
    _name = "kpi.benefit.realization";

    name = fields.Char();

    _records = [{ id: 1, name: "Less work", write_date: "2026-01-01 10:00:00" }];
}

defineMailModels();
defineModels([Benefit]);

const SELF = { model: "kpi.benefit.realization", id: 1, name: "Less work" };
const OTHER = { model: "kpi.benefit.realization", id: 2, name: "More sales" };
const FOUND = {
    currency_id: false,
    gates: [],
    months: [
        { start: "2026-01-01", planned: 100, realized: 90, expected: null },
        {
            start: "2026-02-01",
            planned: 100,
            realized: null,
            expected: { value: 90, low: 60, high: 105 },
        },
    ],
    totals: {
        planned: 200,
        planned_to_date: 100,
        rate: 0.9,
        rate_limit: 0.8,
        rate_status: "on_track",
        realized: 90,
        realized_to_date: 90,
    },
    forecast: {
        sentences: [{ text: "It will come.", records: [SELF] }],
    },
    variance: {
        planned_text: "100",
        realized_text: "90",
        steps: [{ kind: "unexplained", label: "Unexplained", amount: -10, text: "−10" }],
        sentences: [{ text: "10 less.", records: [SELF] }],
    },
    leaks: [
        {
            kind: "double_claim",
            label: "Double Claim",
            sentences: [{ text: "Another one says the same.", records: [SELF, OTHER] }],
        },
    ],
    benchmark: [],
};

async function mountForm(found = {}) {
    onRpc("kpi.benefit.realization", "get_insights", ({ args }) => {
        expect.step(`read ${args[0]}`);
        return { ...FOUND, ...found };
    });
    await mountView({
        type: "form",
        resModel: "kpi.benefit.realization",
        resId: 1,
        arch: `<form><field name="name" /><widget name="kpi_benefit_insights" /></form>`,
    });
    // The library of the chart is loaded first.
    await waitFor(".o_kpi_insights section", { timeout: 3000 });
}

test("it says what is expected, why it differs and what leaks", async () => {
    await mountForm();
    expect.verifySteps(["read 1"]);
    expect(queryAllTexts(".o_kpi_insights h2")).toEqual([
        "Plan, realization and forecast",
        "From planned to realized",
        "Possible leakages",
    ]);
    expect(".o_kpi_insights canvas").toHaveCount(1);
    expect(".o_kpi_waterfall tbody tr").toHaveCount(3);
    expect(".o_kpi_waterfall tbody tr:eq(1)").toHaveText(/Unexplained\s+−10/);
});

test("the chart is a table, too", async () => {
    await mountForm();
    await contains(".o_kpi_insights button:contains(Show as Table)").click();
    const cells = () => queryAllTexts(".o_kpi_insights_chart tbody td:not(:first-child)");
    expect(cells()).toEqual(["100", "90", "–", "100", "–", "90 (60 – 105)"]);
    await contains(".o_kpi_insights_chart button:contains(Running total)").click();
    expect(cells()).toEqual(["100", "90", "–", "200", "–", "180 (150 – 195)"]);
    expect.verifySteps(["read 1"]);
});

test("an initiative shows its gates", async () => {
    await mountForm({
        gates: [{ id: 1, name: "Case", actual_date: "2026-01-05", due_date: null }],
    });
    expect(".o_kpi_benefits_gates li").toHaveText(/Case\s+Passed on Jan 5, 2026/);
    expect.verifySteps(["read 1"]);
});

test("a sentence leads to the other records it is about", async () => {
    const opened = [];
    mockService("action", { doAction: (action) => opened.push([action.res_model, action.res_id]) });
    await mountForm();
    expect(".o_kpi_insights_leak button").toHaveText("More sales");
    await contains(".o_kpi_insights_leak button").click();
    expect(opened).toEqual([["kpi.benefit.realization", 2]]);
    expect.verifySteps(["read 1"]);
});

test("where nothing is known, only the sentence stands", async () => {
    await mountForm({
        months: [],
        forecast: { sentences: [{ text: "No planned benefits yet.", records: [] }] },
        variance: { steps: [], sentences: [] },
        leaks: [],
    });
    expect(queryAllTexts(".o_kpi_insights h2")).toEqual(["Plan, realization and forecast"]);
    expect(".o_kpi_insights canvas").toHaveCount(0);
    expect(".o_kpi_insights p").toHaveText("No planned benefits yet.");
    expect.verifySteps(["read 1"]);
});

test("it is read again once the record was saved", async () => {
    // The server says when it was written last.
    onRpc("kpi.benefit.realization", "web_save", ({ parent }) => {
        const [saved] = parent();
        return [{ ...saved, write_date: "2026-03-01 10:00:00" }];
    });
    await mountForm();
    await contains(".o_field_widget[name=name] input").edit("Less time");
    expect.verifySteps(["read 1"]);
    await clickSave();
    await animationFrame();
    expect.verifySteps(["read 1"]);
});
