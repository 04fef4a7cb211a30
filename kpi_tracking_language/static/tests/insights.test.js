import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Insights } from "@kpi_tracking_language/screens/insights/insights";

defineMailModels();

test("says the sentences of the KPI that is shown", async () => {
    onRpc("kpi.nlp.processor", "generate_performance_insights", ({ args }) => {
        expect.step(args[0]);
        return { sentences: ["Visits fell.", "<b>Off</b> target."] };
    });
    const record = { data: { current_value: 3 }, resId: 7 };
    await mountWithCleanup(Insights, { props: { readonly: false, record } });
    await animationFrame();
    expect(".o_kpi_insights li").toHaveCount(2);
    expect(".o_kpi_insights li:last").toHaveText("<b>Off</b> target.");
    expect.verifySteps([7]);
});

test("makes an action of a suggestion by one click", async () => {
    mockService("action", { doAction: ({ res_id }) => expect.step(res_id) });
    onRpc("kpi.nlp.processor", "generate_performance_insights", () => ({ sentences: ["Fell."] }));
    onRpc("kpi.predictive.analytics", "suggest_improvement_actions", () => [
        { kind: "part", text: "North: −9." },
    ]);
    onRpc("kpi.report", "action_make_action", ({ args }) => {
        expect.step(args);
        return { res_id: 5 };
    });
    const record = { data: { current_value: 3 }, resId: 7 };
    await mountWithCleanup(Insights, { props: { readonly: false, record } });
    await animationFrame();
    await contains("button:contains(Suggestions)").click();
    await contains("button:contains(Create Action)").click();
    expect.verifySteps([[[7], "North: −9."], 5]);
});

test("says that nothing is known where there is no suggestion", async () => {
    onRpc("kpi.nlp.processor", "generate_performance_insights", () => ({ sentences: ["Fell."] }));
    onRpc("kpi.predictive.analytics", "suggest_improvement_actions", () => []);
    const record = { data: { current_value: 3 }, resId: 7 };
    await mountWithCleanup(Insights, { props: { readonly: false, record } });
    await animationFrame();
    await contains("button:contains(Suggestions)").click();
    expect("p[role=status]").toHaveCount(1);
});

test("says how probable a worse status is, and how often to look", async () => {
    onRpc("kpi.nlp.processor", "generate_performance_insights", () => ({ sentences: ["Fell."] }));
    onRpc("kpi.predictive.maintenance", "detect_kpi_degradation_risk", ({ args }) => {
        expect.step(args[0]);
        return { sentences: ["30%."] };
    });
    onRpc("kpi.predictive.maintenance", "optimize_monitoring_frequency", () => ({
        sentences: ["12 falls.", "One value per quarter."],
    }));
    const record = { data: { current_value: 3 }, resId: 7 };
    await mountWithCleanup(Insights, { props: { readonly: false, record } });
    await animationFrame();
    await contains("button:contains(Outlook)").click();
    expect("p[role=status]").toHaveText("30%.");
    await contains("button:contains(Suggested Review Frequency)").click();
    expect("p[role=status]").toHaveText("12 falls. One value per quarter.");
    expect.verifySteps([7]);
});
