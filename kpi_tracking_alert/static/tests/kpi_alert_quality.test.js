import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { makeMockEnv, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { QualityField, timeWords } from "@kpi_tracking_alert/screens/quality/quality";

defineMailModels();

const QUALITY = {
    days: 90,
    fired: 12,
    open: 2,
    acknowledge_seconds: 2400,
    resolve_seconds: null,
    alarm_seconds: 864000,
    useless_ratio: 0.25,
    reasons: [{ name: "Fixed", count: 3 }],
    receivers: [
        { user_id: 5, name: "A. Roy", told: 4, acknowledged: 1, acknowledge_seconds: 7200 },
    ],
};

test("figures of a rule, and of each who was told", async () => {
    const record = { data: { quality: QUALITY } };
    await mountWithCleanup(QualityField, { props: { name: "quality", record } });
    expect(queryAllTexts("dd")).toEqual(["12", "40 min", "–", "10 days", "25%"]);
    expect("p").toHaveText("Reasons: Fixed: 3");
    expect(queryAllTexts("td")).toEqual(["A. Roy", "4", "1", "2 h"]);
});

test("times in the unit that suits them", async () => {
    await makeMockEnv();
    const cases = [
        [null, "–"],
        [0, "1 min"],
        [3599, "60 min"],
        [3600, "1 h"],
        [47 * 3600, "47 h"],
        [48 * 3600, "2 days"],
    ];
    for (const [seconds, words] of cases) {
        expect(timeWords(seconds).toString()).toBe(words);
    }
});
