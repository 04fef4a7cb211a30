import { expect, test } from "@odoo/hoot";
import { queryAllTexts, waitFor } from "@odoo/hoot-dom";
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
    is_running = fields.Boolean();
    unit = fields.Selection({ selection: [["percent", "Percent"]] });
    decimals = fields.Integer();
    currency_id = fields.Many2one({ relation: "res.currency" });
    unit_symbol = fields.Char();
    duration_unit = fields.Selection({ selection: [["day", "Days"]] });
    date_from = fields.Date();
    earlier_count = fields.Integer();
    judges_earlier = fields.Boolean();
    range_low = fields.Float();
    range_high = fields.Float();
    setting = fields.Json();

    _records = [
        { id: 1, value: 2.5, unit: "percent", status: "on_target" },
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

const POINT = { running: false, coming: false };
const SETTING = {
    grain: "month",
    starts_at_zero: true,
    points: [
        { ...POINT, start: "2026-10-01", stop: "2026-11-01", label: "Oct 2026", value: 7 },
        {
            ...POINT,
            start: "2026-11-01",
            stop: "2026-12-01",
            label: "Nov 2026",
            value: 5,
            running: true,
        },
        {
            ...POINT,
            start: "2026-12-01",
            stop: "2027-01-01",
            label: "Dec 2026",
            value: null,
            coming: true,
        },
    ],
    suggestions: [
        { key: "same", value: 6 },
        { key: "realistic", value: 8 },
        { key: "ambitious", value: 10 },
    ],
};

async function openSetting(values = {}) {
    KpiTarget._records.push({
        id: 3,
        date_from: "2026-11-01",
        earlier_count: 1,
        setting: SETTING,
        unit: "percent",
        value: 8,
        ...values,
    });
    await mountView({
        type: "form",
        resModel: "kpi.target",
        resId: 3,
        arch: `<form>
            <field name="value" widget="kpi_amount"/>
            <field name="date_from" widget="kpi_target_from"/>
            <field name="earlier_count" invisible="1"/>
            <field name="judges_earlier" invisible="1"/>
            <field name="setting" widget="kpi_target_setting"/>
        </form>`,
    });
    await waitFor(".o_kpi_target_setting_chart canvas", { timeout: 3000 });
}

test("an input in a list has a name for screen readers", async () => {
    await mountView({
        type: "list",
        resModel: "kpi.target",
        arch: `<list editable="bottom"><field name="value" widget="kpi_amount"/></list>`,
    });
    await contains(".o_data_cell").click();
    expect(".o_data_cell input").toHaveAttribute("aria-label", "Value");
});

test("three targets are suggested; one click takes one over", async () => {
    await openSetting();
    expect(queryAllTexts(".o_kpi_target_setting_suggested .btn")).toEqual([
        "6% same level",
        "8% realistic",
        "10% ambitious",
    ]);
    expect(".o_kpi_target_setting_suggested .active").toHaveText("8% realistic");
    await contains(".o_kpi_target_setting_suggested .btn:contains(ambitious)").click();
    expect(".o_field_widget[name=value] input").toHaveValue("10");
});

test("a target says which periods it leaves unrated", async () => {
    await openSetting();
    expect(".o_kpi_target_setting_note").toHaveText(/^Months before Nov 2026 stay without/);
    await contains(".o_field_widget[name=date_from] select").select("2026-12-01");
    expect(".o_kpi_target_setting_note").toHaveText(/^Months before Dec 2026 stay without/);
    await contains(".o_kpi_target_setting_note .btn:contains(Rate earlier months too)").click();
    expect(".o_kpi_target_setting_note").toHaveText(/^Earlier periods .* rated, too: 1\./);
});

test("without earlier values there is nothing to rate", async () => {
    await openSetting({ earlier_count: 0, date_from: "2026-11-05" });
    expect(".o_kpi_target_setting_note .btn").toHaveCount(0);
    expect(".o_kpi_target_setting_note").toHaveText(/Nov 2026/);
    expect(".o_field_widget[name=date_from] option").toHaveCount(4);
    expect(".o_field_widget[name=date_from] option:checked").toHaveText(/5/);
});
