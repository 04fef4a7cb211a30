import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class KpiTarget extends models.Model {
    _name = "kpi.target";

    value = fields.Float();
    status = fields.Selection({ selection: [["on_target", "On track"]] });
    band = fields.Selection({ selection: [["good", "Good"]] });
    is_running = fields.Boolean();
    unit = fields.Selection({ selection: [["percent", "Percent"]] });
    decimals = fields.Integer();
    currency_id = fields.Many2one({ relation: "res.currency" });
    unit_symbol = fields.Char();
    duration_unit = fields.Selection({ selection: [["day", "Days"]] });

    _records = [
        { id: 1, value: 2.5, unit: "percent", status: "on_target", band: "good" },
        { id: 2, value: 0, unit: "percent", status: "on_target" },
    ];
}

class ResCurrency extends models.Model {
    _name = "res.currency";
}

defineMailModels();
defineModels([KpiTarget, ResCurrency]);

test("a number that is cleared is missing, not 0", async () => {
    onRpc("kpi.target", "web_save", ({ args }) => expect.step(args[1].value));
    await mountView({
        type: "form",
        resModel: "kpi.target",
        resId: 1,
        arch: `<form><field name="value" widget="kpi_amount"/></form>`,
    });
    await contains(".o_field_widget[name=value] input").edit("");
    await contains(".o_form_button_save").click();
    expect.verifySteps([false]);
});

test("0 is a number that is shown", async () => {
    await mountView({
        type: "list",
        resModel: "kpi.target",
        arch: `<list><field name="value" widget="kpi_amount"/></list>`,
    });
    expect(queryAllTexts("td.o_data_cell")).toEqual(["2.5%", "0%"]);
});

test("a distance of percentages is in points", async () => {
    await mountView({
        type: "list",
        resModel: "kpi.target",
        arch: `<list><field name="value" widget="kpi_amount" options="{'distance': true}"/></list>`,
    });
    expect(queryAllTexts("td.o_data_cell")).toEqual(["2.5 points", "0 points"]);
});

test("one of five bands has its own word, in the colour of its status", async () => {
    await mountView({
        type: "list",
        resModel: "kpi.target",
        arch: `<list>
            <field name="band" column_invisible="True"/>
            <field name="status" widget="kpi_status"/>
        </list>`,
    });
    expect(queryAllTexts(".o_kpi_status_word")).toEqual(["Good", "On track"]);
    expect(".o_kpi_status_success").toHaveCount(2);
});
