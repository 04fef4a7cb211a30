import { expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    asyncStep,
    contains,
    makeMockEnv,
    makeServerError,
    mountWithCleanup,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { agoWords, ValuesUpdated } from "@kpi_tracking/live/values_updated";

const { DateTime } = luxon;

defineMailModels();

const IDLE = { age_seconds: 180, is_incomplete: false, state: "idle", progress: 0 };
const QUEUED = { ...IDLE, state: "queued" };
const RUNNING = { ...IDLE, state: "running", progress: 0.404 };
const DONE = { ...IDLE, age_seconds: 1 };

/** Answers come in their order; the last one is that of all later calls. */
async function open(...answers) {
    mockDate("2026-11-10T10:00:00"); // UTC; the reader is an hour ahead
    const respond = (method) => () => {
        asyncStep(method);
        return answers.length > 1 ? answers.shift() : answers[0];
    };
    for (const method of ["get_update", "request_update"]) {
        onRpc("kpi.job", method, respond(method));
    }
    const onUpdated = () => asyncStep("updated");
    await mountWithCleanup(ValuesUpdated, { props: { onUpdated } });
    await animationFrame();
    await animationFrame();
}

function press() {
    return contains("button[title='Update Now']").click();
}

test("the time since the last update is in words, the moment on hover", async () => {
    await open(IDLE);
    expect(".o_kpi_updated_words").toHaveText("Updated 3 min ago");
    expect(".o_kpi_updated_words").toHaveAttribute(
        "title",
        "Values last updated on Nov 10, 10:57 AM.",
    );
    await waitForSteps(["get_update"]);
    await advanceTime(90000);
    await animationFrame();
    expect(".o_kpi_updated_words").toHaveText("Updated 4 min ago");
    await waitForSteps([]);
});

test("an update is asked for, followed and shown once it is done", async () => {
    await open(IDLE, QUEUED, RUNNING, DONE);
    await waitForSteps(["get_update"]);
    await press();
    expect(".o_notification").toHaveCount(0);
    expect(".o_kpi_updated_words").toHaveText("Waiting to update…");
    expect("button").toHaveAttribute("disabled");
    await waitForSteps(["request_update"]);
    await advanceTime(2000);
    await animationFrame();
    expect(".o_kpi_updated_words").toHaveText("Updating… 40%");
    await advanceTime(2000);
    await animationFrame();
    await waitForSteps(["get_update", "get_update", "updated"]);
    expect(".o_kpi_updated_words").toHaveText("Updated just now");
    expect("[role=status]").toHaveText("Values updated.");
    expect("button").not.toHaveAttribute("disabled");
    await advanceTime(60000);
    await waitForSteps([]);
});

test("old values are updated as soon as somebody looks, once", async () => {
    await open({ ...IDLE, age_seconds: 301 }, RUNNING, DONE);
    await waitForSteps(["get_update", "request_update"]);
    await advanceTime(2000);
    await waitForSteps(["get_update", "updated"]);
    for (let minute = 0; minute < 6; minute++) {
        await advanceTime(60000);
    }
    await waitForSteps(["get_update"]); // looked at again, not asked for
});

test("values that were never updated are, and it is said", async () => {
    await open({ ...IDLE, age_seconds: null });
    await waitForSteps(["get_update", "request_update"]);
    expect(".o_kpi_updated_words").toHaveText("Not updated yet");
});

test("an update that somebody else asked for is shown, too", async () => {
    await open(RUNNING, DONE);
    await waitForSteps(["get_update"]);
    await advanceTime(2000);
    await waitForSteps(["get_update", "updated"]);
});

test("who asks again at once is told that it was just done", async () => {
    await open({ ...IDLE, age_seconds: 9 });
    expect(".o_notification").toHaveCount(0);
    await press();
    await animationFrame();
    expect(".o_notification").toHaveText("Updated less than 30 seconds ago.");
    await waitForSteps(["get_update", "request_update"]);
});

test("who asks where the server does not answer is told", async () => {
    await open(IDLE);
    onRpc("kpi.job", "request_update", () => {
        throw makeServerError({ message: "No." });
    });
    await press();
    await animationFrame();
    expect(".o_notification").toHaveText("Values cannot be updated. Try again later.");
    await waitForSteps(["get_update"]);
});

test("what could not be updated is said", async () => {
    await open({ ...IDLE, is_incomplete: true });
    expect(".o_kpi_updated_words .fa-exclamation-triangle").toHaveCount(1);
    expect(".o_kpi_updated_words").toHaveAttribute("title", /Some values could not be updated\./);
    await waitForSteps(["get_update"]);
});

test("where the server does not answer the numbers stay without it", async () => {
    onRpc("kpi.job", "get_update", () => {
        throw makeServerError({ message: "No." });
    });
    await mountWithCleanup(ValuesUpdated, { props: { onUpdated: () => {} } });
    await animationFrame();
    expect(".o_kpi_updated_words").toHaveText("");
    expect("button[title='Update Now']").toHaveCount(1);
});

test("minutes, hours, then the moment", async () => {
    await makeMockEnv(); // texts of a language
    const now = DateTime.fromISO("2026-11-10T10:00:00");
    const said = [0.9, 1, 59.9, 60, 23.9 * 60].map((minutes) =>
        agoWords(now.minus({ minutes }), now),
    );
    expect(said).toEqual([
        "Updated just now",
        "Updated 1 min ago",
        "Updated 59 min ago",
        "Updated 1 h ago",
        "Updated 23 h ago",
    ]);
    expect(agoWords(now.minus({ hours: 24 }), now)).toBe("Updated Nov 9, 10:00 AM");
});
