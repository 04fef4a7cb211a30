import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
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
