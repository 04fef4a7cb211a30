import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Insights } from "@kpi_tracking_language/screens/insights/insights";

defineMailModels();

async function mountInsights(suggestions) {
    onRpc("kpi.predictive.analytics", "suggest_improvement_actions", ({ args }) => {
        expect.step(args[0]);
        return suggestions;
    });
    const record = { data: { current_value: 3 }, resId: 7 };
    await mountWithCleanup(Insights, { props: { readonly: false, record } });
    await animationFrame();
    expect.verifySteps([7]);
}

test("shows one thing that could help, and makes an action of it by one click", async () => {
    mockService("action", { doAction: ({ res_id }) => expect.step(res_id) });
    onRpc("kpi.report", "action_make_action", ({ args }) => {
        expect.step(args);
        return { res_id: 5 };
    });
    await mountInsights([{ kind: "part", text: "North: −9." }]);
    expect(".o_kpi_suggestion h2").toHaveText("What could help");
    expect(".o_kpi_suggestion p").toHaveText("North: −9.");
    await contains("button:contains(Add Action)").click();
    expect.verifySteps([[[7], "North: −9."], 5]);
});

test("what helped elsewhere comes before parts that are shown already", async () => {
    await mountInsights([
        { kind: "part", text: "North: −9." },
        { kind: "peer", text: "South is better." },
    ]);
    expect(".o_kpi_suggestion p").toHaveText("South is better.");
});

test("says nothing of help where nothing is known, but has the summary", async () => {
    onRpc("kpi.nlp.processor", "generate_performance_insights", ({ args }) => {
        expect.step(args[0]);
        return { sentences: ["Visits fell.", "<b>Off</b> target."] };
    });
    await mountInsights([]);
    expect(".o_kpi_suggestion h2").toHaveCount(0);
    await contains("button:contains(Summary)").click();
    expect(".o_kpi_suggestion li").toHaveCount(2);
    expect(".o_kpi_suggestion li:last").toHaveText("<b>Off</b> target.");
    expect("button:contains(Summary)").toHaveCount(0);
    expect.verifySteps([7]);
});
