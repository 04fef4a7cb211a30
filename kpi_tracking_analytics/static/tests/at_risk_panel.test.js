import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { contains, mockService, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { homePanels } from "@kpi_tracking/home/home_panels";

defineMailModels();

const UNIT = { kind: "number", decimals: 0, symbol: "", currencyId: false };
const ROW = {
    id: 7,
    name: "Orders",
    scope: "Commercial / Sales",
    finding: "Nov 2026 will likely end 10% short",
    expected: 81,
    low: 72,
    high: 90,
    chance: 12.4,
    unit: UNIT,
};

async function mountPanel(...content) {
    mockService("action", {
        doAction: (action) => expect.step(action.res_id || action),
    });
    const { component } = homePanels.get("kpi_tracking_analytics.at_risk");
    await mountWithCleanup(component, { props: { content } });
}

test("what will probably be missed leads to its chart", async () => {
    await mountPanel(ROW, { ...ROW, id: 8, low: null, high: null, chance: 0.2 });
    expect(queryAllTexts(".o_kpi_home_name small")).toEqual([
        "Sales · Nov 2026 will likely end 10% short · 72 to 90",
        "Sales · Nov 2026 will likely end 10% short",
    ]);
    expect(queryAllTexts(".o_kpi_home_figures strong")).toEqual(["81", "81"]);
    // the number reads from the left, between marks that say so
    const [chance, least] = queryAllTexts(".o_kpi_home_figures small");
    expect(chance).toMatch(/^Chance \W*12\W+$/);
    expect(least).toBe("Chance below 1%");
    await contains(".o_kpi_home_row").click();
    expect.verifySteps([7]);
    await contains("button:contains(All Forecasts)").click();
    expect.verifySteps(["kpi_tracking_analytics.kpi_predictive_analytics_action"]);
});
