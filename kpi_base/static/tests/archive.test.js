import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    toggleActionMenu,
} from "@web/../tests/web_test_helpers";

class Plan extends models.Model {
    _name = "kpi.plan";
    name = fields.Char();
    active = fields.Boolean({ default: true });
    is_editable_by_me = fields.Boolean();
    _records = [
        { id: 1, name: "Mine", is_editable_by_me: true },
        { id: 2, name: "Theirs", is_editable_by_me: false },
    ];
}

defineMailModels();
defineModels([Plan]);

const OFFERED = ".o-dropdown--menu .o_menu_item:contains(/^Archive/)";
const HIDDEN = `<field name="is_editable_by_me" column_invisible="1"/>`;

for (const [resId, count] of [
    [1, 1],
    [2, 0],
]) {
    test(`form ${resId}: Archive is offered to who may change the record`, async () => {
        await mountView({
            type: "form",
            resModel: "kpi.plan",
            resId,
            arch: `<form><field name="is_editable_by_me" invisible="1"/><field name="active" invisible="1"/></form>`,
            actionMenus: {},
        });
        await toggleActionMenu();
        expect(OFFERED).toHaveCount(count);
    });
}

for (const [rows, count] of [
    [[0], 1],
    [[0, 1], 0],
]) {
    test.tags("desktop");
    test(`list ${rows}: of a selection too`, async () => {
        await mountView({
            type: "list",
            resModel: "kpi.plan",
            arch: `<list>${HIDDEN}<field name="name"/></list>`,
            actionMenus: {},
        });
        for (const row of rows) {
            await contains(`.o_data_row:eq(${row}) .o_list_record_selector input`).click();
        }
        await toggleActionMenu();
        expect(OFFERED).toHaveCount(count);
    });
}
