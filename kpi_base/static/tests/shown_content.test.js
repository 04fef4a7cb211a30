import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import {
    MockServer,
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Order extends models.Model {
    _name = "x_order";
    approval_version = fields.Char();
    can_decide = fields.Boolean();
    _records = ["a", "b", "c"].map((approval_version, at) => ({
        id: at + 1,
        approval_version,
        can_decide: Boolean(at),
    }));
}

defineMailModels();
defineModels([Order]);

const arch = `
    <list limit="2">
        <header><button name="action_approve" type="object" string="Approve" /></header>
        <field name="approval_version" />
    </list>`;

test.tags("desktop");
test("a decision on chosen rows names what they showed, not what they are now", async () => {
    onRpc("x_order", "action_approve", ({ args, kwargs }) => {
        expect.step([args[0], kwargs.context.approval_versions]);
        return false;
    });
    await mountView({ type: "list", resModel: "x_order", arch });
    MockServer.env.x_order.write([1], { approval_version: "changed" });
    await contains(".o_data_row .o_list_record_selector input").click();
    await contains("button[name=action_approve]").click();
    await expect.waitForSteps([[[1], ["a"]]]);
});

test.tags("desktop");
test("those on other pages are named as they are", async () => {
    onRpc("x_order", "action_approve", ({ args, kwargs }) => {
        expect.step([args[0], kwargs.context.approval_versions]);
        return false;
    });
    await mountView({ type: "list", resModel: "x_order", arch });
    await contains("thead .o_list_record_selector input").click();
    await contains(".o_select_domain, .o_list_select_domain").click();
    await contains("button[name=action_approve]").click();
    await expect.waitForSteps([
        [
            [1, 2, 3],
            ["a", "b", "c"],
        ],
    ]);
});

test.tags("desktop");
test("what is on hold alone is offered no decision, with others it is", async () => {
    const held = arch.replace("</list>", '<field name="can_decide" column_invisible="1" /></list>');
    await mountView({ type: "list", resModel: "x_order", arch: held });
    await contains(".o_data_row:eq(0) .o_list_record_selector input").click();
    expect("button[name=action_approve]").toHaveCount(0);
    await contains(".o_data_row:eq(1) .o_list_record_selector input").click();
    expect("button[name=action_approve]").toHaveCount(1);
});
