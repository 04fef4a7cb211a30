import { expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts } from "@odoo/hoot-dom";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { TrialField } from "@kpi_tracking_alert/screens/trial/trial";

defineMailModels();

const TRIAL = {
    grain: "month",
    periods: [
        { label: "Sep 2026", state: "none" },
        { label: "Oct 2026", state: "alert" },
        { label: "Nov 2026", state: "quiet" },
    ],
    count: 1,
    is_sent_now: true,
    reason: "",
};

function show(trial) {
    const record = { data: { trial } };
    return mountWithCleanup(TrialField, { props: { name: "trial", record } });
}

test("a square for each period says whether it would have alerted", async () => {
    await show(TRIAL);
    expect(".o_kpi_trial_title").toHaveText("In the last 3 months this would have alerted you");
    expect(queryAllTexts("li .visually-hidden")).toEqual(["Not compared", "Alert", "No alert"]);
    const squares = queryAll(".o_kpi_trial_square");
    expect(squares[1]).toHaveClass("o_kpi_status_danger");
    expect(squares[2]).toHaveClass("o_kpi_status_success");
    expect(squares[0].querySelector("svg")).toBe(null);
    expect("[role=status]").toHaveText("An alert in 1 of 3. Turning it on sends one alert now.");
});

test("it says why nothing would have been sent", async () => {
    const reason = "The target starts in Nov 2026.";
    await show({ ...TRIAL, count: 0, is_sent_now: false, reason });
    expect("[role=status]").toHaveText(
        "No alert. The target starts in Nov 2026. Today nothing is sent.",
    );
});

test("what cannot be tried is not drawn", async () => {
    await show(false);
    expect(".o_kpi_trial").toHaveCount(0);
});
