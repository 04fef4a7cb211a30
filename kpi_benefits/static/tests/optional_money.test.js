import { expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    clickSave,
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Month extends models.Model {
    _name = "test.month";
    currency_id = fields.Many2one({ relation: "res.currency", default: 1 });
    realized = fields.Monetary({ currency_field: "currency_id" });
    _records = [
        { id: 1, realized: 5, currency_id: 1 },
        { id: 2, realized: 5, currency_id: 1 },
    ];
}

class Currency extends models.Model {
    _name = "res.currency";
    name = fields.Char();
    _records = [{ id: 1, name: "USD" }];
}

defineMailModels();
defineModels([Month, Currency]);

async function typed(resId, text) {
    let saved;
    onRpc("web_save", ({ args }) => {
        saved = args[1].realized;
    });
    await mountView({
        resModel: "test.month",
        resId,
        type: "form",
        arch: `<form><field name="currency_id" invisible="1"/>
            <field name="realized" widget="kpi_optional_money"/></form>`,
    });
    await contains(".o_field_widget[name=realized] input").edit(text);
    await clickSave();
    return saved;
}

test("an emptied amount is not known", async () => {
    expect(await typed(1, "")).toBe(false);
});

test("a zero is an amount", async () => {
    expect(await typed(2, "0")).toBe(0);
});
