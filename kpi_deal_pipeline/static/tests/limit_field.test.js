import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Tier extends models.Model {
    _name = "x_tier";
    upper = fields.Float();
    months = fields.Integer();
    _records = [{ id: 1, upper: 0, months: 0 }];
}

defineMailModels();
defineModels([Tier]);

const FIELD = `<field name="upper" widget="kpi_limit" placeholder="No limit"/>`;

test("an amount that is not limited says so instead of 0.00", async () => {
    await mountView({ type: "list", resModel: "x_tier", arch: `<list>${FIELD}</list>` });
    expect(".o_data_cell[name=upper]").toHaveText("No limit");
});

test("a limit that is taken away is missing, not 0", async () => {
    onRpc("x_tier", "web_save", ({ args }) => expect.step(args[1].upper));
    await mountView({
        type: "form",
        resId: 1,
        resModel: "x_tier",
        arch: `<form>${FIELD}</form>`,
    });
    expect("[name=upper] input").toHaveValue("");
    await contains("[name=upper] input").edit("8000");
    await contains(".o_form_button_save").click();
    await contains("[name=upper] input").clear({ confirm: "tab" });
    await contains(".o_form_button_save").click();
    expect.verifySteps([8000, false]);
});

test("a whole number that is not limited says so instead of 0", async () => {
    onRpc("x_tier", "web_save", ({ args }) => expect.step(args[1].months));
    await mountView({
        type: "form",
        resId: 1,
        resModel: "x_tier",
        arch: `<form>
            <field name="months" widget="kpi_limit" placeholder="No limit"/>
            <field name="months" widget="kpi_limit" placeholder="No limit" readonly="1"/>
        </form>`,
    });
    expect("[name=months] input").toHaveAttribute("placeholder", "No limit");
    expect("[name=months] input").toHaveValue("");
    expect("[name=months]:last").toHaveText("No limit");
    await contains("[name=months] input").edit("12");
    await contains(".o_form_button_save").click();
    expect("[name=months] input").toHaveValue("12");
    await contains("[name=months] input").clear({ confirm: "tab" });
    await contains(".o_form_button_save").click();
    expect.verifySteps([12, 0]);
});
