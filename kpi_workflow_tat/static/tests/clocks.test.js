import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { advanceTime, mockDate } from "@odoo/hoot-mock";
import {
    defineModels,
    fields,
    makeMockEnv,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {
    describeTime,
    formatClock,
    judgeClock,
    readClock,
} from "@kpi_workflow_tat/screens/clocks/clock_time";

const HOUR = 3600;
// Friday 27 March 2026, 16:00 in UTC; work ends at 17:00 and goes on on Monday at 8:00.
const FRIDAY_16 = Date.UTC(2026, 2, 27, 16) / 1000;
const FRIDAY_17 = FRIDAY_16 + HOUR;
const MONDAY_8 = Date.UTC(2026, 2, 30, 8) / 1000;
const CLOCK = {
    id: 1,
    level: 1,
    person: "Ann",
    decision: "Waiting",
    clock: "running",
    allowed: 3 * HOUR,
    elapsed: 0,
    intervals: [
        [FRIDAY_16, FRIDAY_17],
        [MONDAY_8, MONDAY_8 + 4 * HOUR],
    ],
    due_at: MONDAY_8 + 2 * HOUR,
    explanation: "",
};

class Request extends models.Model {
    _name = "x_request";
    name = fields.Char();
    status = fields.Char();
    _records = [{ id: 1, name: "Laptops", status: "pending" }];
}

defineMailModels();
defineModels([Request]);

const ARCH = `<form><field name="status" /><widget name="kpi_tat_clocks" /></form>`;

async function mountClocks(clock = CLOCK, now = FRIDAY_16) {
    mockDate("2026-03-27 16:00:00", 0);
    onRpc("x_request", "get_clocks", () => {
        expect.step("asked");
        return { now, clocks: [clock] };
    });
    await mountView({ type: "form", resModel: "x_request", resId: 1, arch: ARCH });
    await expect.waitForSteps(["asked"]);
}

test("a clock counts in its intervals only", () => {
    const cases = [
        [FRIDAY_16, 0, true, null],
        [FRIDAY_16 + 90, 90, true, null],
        [FRIDAY_17, HOUR, false, MONDAY_8], // closing time itself is closed
        [MONDAY_8 - 1, HOUR, false, MONDAY_8],
        [MONDAY_8 + 1, HOUR + 1, true, null],
        [MONDAY_8 + 3 * HOUR, 4 * HOUR, true, null],
    ];
    for (const [now, elapsed, isCounting, nextStart] of cases) {
        const shown = readClock(CLOCK, FRIDAY_16, now);
        expect([shown.elapsed, shown.isCounting, shown.nextStart]).toEqual([
            elapsed,
            isCounting,
            nextStart,
        ]);
        expect(shown.remaining).toBe(3 * HOUR - elapsed);
    }
});

test("what had elapsed when the server told it counts once", () => {
    const clock = { ...CLOCK, elapsed: 1800 };
    expect(readClock(clock, FRIDAY_16 + 1800, FRIDAY_17).elapsed).toBe(HOUR);
});

test("it is overdue from the second after the last that is allowed", async () => {
    await makeMockEnv();
    const last = readClock(CLOCK, FRIDAY_16, MONDAY_8 + 2 * HOUR);
    const late = readClock(CLOCK, FRIDAY_16, MONDAY_8 + 2 * HOUR + 1);
    expect([judgeClock(last), describeTime(last)]).toEqual(["warning", "0:00:00 left"]);
    expect([judgeClock(late), describeTime(late)]).toEqual(["danger", "0:00:01 overdue"]);
    expect(formatClock(100 * HOUR + 61)).toBe("100:01:01");
});

test("beyond what the server told nothing is known", () => {
    expect(readClock(CLOCK, FRIDAY_16, MONDAY_8 + 4 * HOUR - 1).isKnown).toBe(true);
    expect(readClock(CLOCK, FRIDAY_16, MONDAY_8 + 4 * HOUR).isKnown).toBe(false);
    expect(readClock({ ...CLOCK, intervals: [] }, FRIDAY_16, MONDAY_8).isKnown).toBe(true);
});

test("the form counts down second by second", async () => {
    await mountClocks();
    expect(".o_kpi_tat_clock_time").toHaveText("3:00:00 left");
    await advanceTime(2000);
    expect(".o_kpi_tat_clock_time").toHaveText("2:59:58 left");
    expect("[role=progressbar]").toHaveAttribute("aria-valuetext", "2:59:58 left");
});

test("it is right at once when the tab slept over the weekend, and asks again", async () => {
    await mountClocks();
    mockDate("2026-03-30 09:30:00", 0); // no second ticked meanwhile
    await advanceTime(1000);
    expect(".o_kpi_tat_clock_time").toHaveText("0:29:59 left");
    expect(".o_kpi_tat_clock").toHaveClass("o_kpi_tat_clock_warning");
    document.dispatchEvent(new Event("visibilitychange"));
    await expect.waitForSteps(["asked"]);
});

test("it stands still outside of working hours and says when it goes on", async () => {
    const clock = { ...CLOCK, elapsed: HOUR, intervals: [[MONDAY_8, MONDAY_8 + 4 * HOUR]] };
    await mountClocks(clock);
    await advanceTime(5000);
    expect(".o_kpi_tat_clock_time").toHaveText("2:00:00 left");
    expect(".o_kpi_tat_clock_why").toHaveText(/^Outside working hours/);
});

test("the server's time counts, whatever this computer's clock says", async () => {
    await mountClocks({ ...CLOCK, elapsed: HOUR }, MONDAY_8);
    expect(".o_kpi_tat_clock_time").toHaveText("2:00:00 left");
    await advanceTime(3000);
    expect(".o_kpi_tat_clock_time").toHaveText("1:59:57 left");
});

test("clocks that wait, are held or have ended do not tick", async () => {
    for (const [values, text, note] of [
        [{ clock: "waiting", intervals: [] }, "3:00:00 allowed", "Upcoming"],
        [{ clock: "held", intervals: [], elapsed: HOUR }, "2:00:00 left", "On hold"],
        [{ clock: "stopped", intervals: [], elapsed: 60 }, "0:01:00 of 3:00:00", "Approved"],
    ]) {
        await mountClocks({ ...CLOCK, decision: note, ...values });
        await advanceTime(2000);
        expect(".o_kpi_tat_clock_time:last").toHaveText(text);
        expect(".o_kpi_tat_clock_why:last").toHaveText(note);
    }
});
