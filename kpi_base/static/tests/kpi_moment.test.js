import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, mockDate, mockTimeZone, test } from "@odoo/hoot";
import {
    defineModels,
    fields,
    models,
    mountView,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";

class Order extends models.Model {
    _name = "x_order";
    due_at = fields.Datetime();
    due_on = fields.Date();
    _records = [{ id: 1, due_at: "2019-03-11 09:30:00", due_on: "2019-03-13" }];
}

defineMailModels();
defineModels([Order]);

function setZones() {
    mockTimeZone(-5);
    patchWithCleanup(user, {
        get tz() {
            return "Asia/Tokyo";
        },
    });
}

test("a moment is shown in the user's zone, wherever the browser is", async () => {
    setZones();
    const field = `<field name="due_at" widget="kpi_moment" readonly="1" />`;
    for (const [type, arch] of [
        ["form", `<form>${field}</form>`],
        ["list", `<list>${field}</list>`],
    ]) {
        await mountView({ type, resModel: "x_order", resId: 1, arch });
        expect("[name=due_at]:last").toHaveText("Mar 11, 6:30 PM");
    }
});

test("days are counted in the user's zone, wherever the browser is", async () => {
    setZones();
    mockDate("2019-03-11T16:00:00", -5); // in Tokyo it is the 12th already
    const names = ["due_at", "due_on"];
    const shown = names.map((name) => `<field name="${name}" widget="kpi_remaining_days"/>`);
    const arch = `<list>${shown.join("")}</list>`;
    await mountView({ type: "list", resModel: "x_order", arch });
    expect("[name=due_at] div").toHaveText("Yesterday");
    expect("[name=due_on] div").toHaveText("Tomorrow");
    expect("[name=due_on] div:last").toHaveAttribute("title", "Mar 13, 2019");
});

test("days are words up to a week, and always days; then the date", async () => {
    setZones();
    const arch = `<list><field name="due_on" widget="kpi_remaining_days"/></list>`;
    for (const [now, shown] of [
        ["2019-03-20T12:00:00", "7 days ago"],
        ["2019-03-21T12:00:00", "Mar 13"],
        ["2019-03-06T12:00:00", "In 7 days"],
        ["2019-03-05T12:00:00", "Mar 13"],
        ["2018-03-13T12:00:00", "Mar 13, 2019"],
    ]) {
        mockDate(now, 9);
        await mountView({ type: "list", resModel: "x_order", arch });
        expect("[name=due_on] div:last").toHaveText(shown);
    }
});

for (const [last, due_on] of [
    ["2019-03-31", "2019-04-01"],
    ["2018-12-31", "2019-01-01"],
]) {
    test(`on ${last} the day after is tomorrow, not the next month or year`, async () => {
        setZones();
        mockDate(`${last}T12:00:00`, 9);
        Order._records[0].due_on = due_on;
        const arch = `<list><field name="due_on" widget="kpi_remaining_days"/></list>`;
        await mountView({ type: "list", resModel: "x_order", arch });
        expect("[name=due_on] div:last").toHaveText("Tomorrow");
    });
}
