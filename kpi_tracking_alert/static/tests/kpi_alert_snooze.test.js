import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { mockDate } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Snooze extends models.Model {
    _name = "kpi.alert.snooze";
    choice = fields.Selection({
        selection: [
            ["hour", "One Hour"],
            ["tomorrow", "Until Tomorrow Morning"],
            ["week", "Until Monday Morning"],
            ["moment", "Until…"],
        ],
        default: "tomorrow",
    });
}

defineMailModels();
defineModels([Snooze]);

const ARCH = `<form><field name="choice" widget="kpi_alert_snooze"/></form>`;

test.tags("desktop");
test("Monday is offered unless that is tomorrow", async () => {
    mockDate("2026-03-07 12:00:00"); // a Saturday
    await mountView({ type: "form", resModel: "kpi.alert.snooze", arch: ARCH });
    expect(queryAllTexts(".o_radio_item")).toHaveLength(4);
});

test.tags("desktop");
test("on a Sunday each end is another moment", async () => {
    mockDate("2026-03-08 12:00:00");
    await mountView({ type: "form", resModel: "kpi.alert.snooze", arch: ARCH });
    expect(queryAllTexts(".o_radio_item")).toEqual([
        "One Hour",
        "Until Tomorrow Morning",
        "Until…",
    ]);
});
