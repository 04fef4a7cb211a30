import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, mockTimeZone, test } from "@odoo/hoot";
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
    _records = [{ id: 1, due_at: "2019-03-11 09:30:00" }];
}

defineMailModels();
defineModels([Order]);

test("a moment is shown in the user's zone, wherever the browser is", async () => {
    mockTimeZone(-5);
    patchWithCleanup(user, {
        get tz() {
            return "Asia/Tokyo";
        },
    });
    const field = `<field name="due_at" widget="kpi_moment" readonly="1" />`;
    for (const [type, arch] of [
        ["form", `<form>${field}</form>`],
        ["list", `<list>${field}</list>`],
    ]) {
        await mountView({ type, resModel: "x_order", resId: 1, arch });
        expect("[name=due_at]:last").toHaveText("Mar 11, 6:30 PM");
    }
});
