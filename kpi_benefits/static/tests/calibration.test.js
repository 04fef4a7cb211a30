import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { makeMockEnv, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { getDefaultConfig } from "@web/views/view";
import { Calibration } from "@kpi_benefits/screens/calibration/calibration";

defineMailModels();

const KNOWN = {
    bands: [
        { came: 0.25, came_high: 0.6, came_low: 0.1, count: 4, given: 0.6, high: 0.7, low: 0.6 },
    ],
    minimum: 10,
    people: [
        { brier: 0.1, came: 0.7, count: 12, given: 0.8, id: 2, name: "Ann" },
        { count: 3, id: 3, name: "Bo" },
    ],
    total: { brier: 0.115, came: 0.7, count: 15, given: 0.81, naive: 0.21 },
};

async function openCheck(found) {
    onRpc("kpi.benefit.calibration", "get_calibration", () => found);
    const env = await makeMockEnv({ config: getDefaultConfig() });
    const props = { action: {}, actionId: 1, updateActionState: () => {} };
    await mountWithCleanup(Calibration, { env, props });
    await animationFrame();
}

test("scores are compared with what came", async () => {
    await openCheck(KNOWN);
    expect("h2").toHaveText("15 scores averaged 81%; 70% of the benefits were realized.");
    expect("p:first").toHaveText("Brier score 0.115: better than a constant forecast (0.210).");
    expect(queryAllTexts("table:last tbody tr:last td")).toEqual(["Bo", "3", "fewer than 10"]);
});

test("few scores are not compared", async () => {
    await openCheck({ ...KNOWN, bands: [], people: [], total: { count: 3 } });
    expect("h2").toHaveCount(0);
    expect("p:first").toHaveText("Scores of completed benefits: 3. The comparison needs 10.");
});

test("none is no table", async () => {
    await openCheck({ ...KNOWN, bands: [], people: [], total: { count: 0 } });
    expect(".o_kpi_screen_empty").toHaveCount(1);
    expect("table").toHaveCount(0);
});
