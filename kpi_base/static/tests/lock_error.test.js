import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    makeServerError,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Plan extends models.Model {
    _name = "kpi.plan";
    name = fields.Char();
    _records = [{ id: 1, name: "Mine" }];
}

defineMailModels();
defineModels([Plan]);

test("a change that is refused for its status tells why, without a traceback", async () => {
    const message = "The plan is “Pending” and cannot be changed to “Paid”.";
    expect.errors(1);
    onRpc("kpi.plan", "action_pay", () => {
        throw makeServerError({
            errorName: "odoo.exceptions.LockError",
            description: message,
            args: [message],
        });
    });
    await mountView({
        type: "form",
        resModel: "kpi.plan",
        resId: 1,
        arch: `<form><header><button name="action_pay" type="object" string="Pay"/></header><field name="name"/></form>`,
    });
    await contains(".o_statusbar_buttons button").click();
    await contains(".modal-title:contains(Invalid Operation)").click();
    expect(".modal .modal-body").toHaveText(message);
    expect.verifyErrors(["Odoo Server Error"]);
});
