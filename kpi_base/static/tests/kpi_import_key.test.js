import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class KpiImportColumn extends models.Model {
    _name = "kpi.import.column";

    name = fields.Char();
    key = fields.Char();
    choices = fields.Json();

    _records = [
        {
            id: 1,
            name: "Actual",
            key: "value",
            choices: [
                ["value", "Value"],
                ["target", "Target"],
            ],
        },
        { id: 2, name: "Remark", key: false, choices: [["value", "Value"]] },
    ];
}

defineMailModels();
defineModels([KpiImportColumn]);

const mount = (resId, attributes = "") =>
    mountView({
        type: "form",
        resModel: "kpi.import.column",
        resId,
        arch: `<form>
            <field name="choices" invisible="1"/>
            <field name="key" widget="kpi_import_key" ${attributes}/>
        </form>`,
    });

test("a column is chosen among what can be imported", async () => {
    await mount(1);
    expect(".o_field_widget[name=key] select").toHaveValue("value");
    expect(".o_field_widget[name=key] option").toHaveCount(3);
    await contains(".o_field_widget[name=key] select").select("target");
    await animationFrame();
    expect(".o_field_widget[name=key] select").toHaveValue("target");
});

test("a column that is nothing is left out", async () => {
    await mount(2, 'readonly="1"');
    expect(".o_field_widget[name=key]").toHaveText("(not imported)");
});

test("in a list the choice is there without a click", async () => {
    await mount(1, `readonly="1" options="{'inline': True}"`);
    expect(".o_field_widget[name=key] select").toHaveValue("value");
});
