import { expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts } from "@odoo/hoot-dom";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { ReplayField, SuggestionField } from "@kpi_tracking_alert/screens/replay/replay";

defineMailModels();

const ALERT = {
    name: "Revenue",
    fired_on: "2026-01-26",
    ended_on: "2026-02-20",
    reason: "70, below 90",
};
const RESULT = {
    is_possible: true,
    date_from: "2026-01-01",
    date_to: "2026-04-10", // 100 days
    kpi_count: 2,
    alert_count: 3,
    alerts: [ALERT, { ...ALERT, fired_on: "2026-03-22", ended_on: null }],
    receivers: [{ user_id: 5, name: "A. Roy", alert_count: 2, message_count: 1 }],
};

function show(Component, data) {
    const record = { data: { it: data } };
    return mountWithCleanup(Component, { props: { name: "it", record } });
}

test("alerts that would have been, as bars, as a table, and whom they would have told", async () => {
    await show(ReplayField, RESULT);
    expect("p:first").toHaveText("3 alerts · KPIs watched: 2");
    const styles = queryAll(".o_kpi_replay_bar").map((bar) => [
        Math.round(parseFloat(bar.style.insetInlineStart)),
        Math.round(parseFloat(bar.style.inlineSize)),
    ]);
    expect(styles).toEqual([
        [25, 25],
        [80, 20], // until the last day: it goes on
    ]);
    const texts = queryAllTexts("tbody tr:last td");
    expect(texts.map((text) => text.replace(/^(From|To)\s/, ""))).toEqual([
        "Revenue",
        "Mar 22, 2026",
        "still open",
        "70, below 90",
    ]);
    // said where the head of the table has no room
    expect(queryAll("tbody tr:last td > .d-md-none").map((said) => said.textContent)).toEqual([
        "From",
        "To",
    ]);
    expect(".o_kpi_alert_more").toHaveText("and 1 more");
    expect("p:last").toHaveText("A. Roy: 2 alerts in 1 message");
});

test("a rule that cannot be tried says why", async () => {
    await show(ReplayField, { is_possible: false, reason: "Only thresholds" });
    expect("[role=status]").toHaveText("Only thresholds");
    expect("table").toHaveCount(0);
});

test("a quiet rule shows neither picture nor table", async () => {
    await show(ReplayField, { ...RESULT, alert_count: 0, alerts: [], receivers: [] });
    expect("p").toHaveText("No alerts · KPIs watched: 2");
    expect("table").toHaveCount(0);
});

test("a quieter threshold says what it would have missed", async () => {
    const found = { alert_count: 1, alert_count_now: 7, limit: "86%", missed_count: 2 };
    await show(SuggestionField, { is_possible: true, ...found });
    expect("p").toHaveText("Threshold 86%: 1 alert instead of 7; 2 would be missed.");
});

test("what was left out is said", async () => {
    await show(ReplayField, { ...RESULT, note: "Tests only closed periods." });
    expect(".o_kpi_replay_note").toHaveText("Tests only closed periods.");
});
