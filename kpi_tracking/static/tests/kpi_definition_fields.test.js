import { expect, test } from "@odoo/hoot";
import { queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    mountViewInDialog,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { findModels } from "@kpi_tracking/screens/model_field/model_search";

class KpiDefinition extends models.Model {
    _name = "kpi.definition";

    computation = fields.Selection({
        selection: [
            ["manual", "Entered"],
            ["formula", "Formula"],
        ],
    });
    formula = fields.Text({
        onChange: (record) => {
            expect.step(record.formula);
            record.formula_error = "Column 3: something is missing";
            record.formula_error_position = { line: 1, column: 3 };
        },
    });
    formula_error = fields.Char();
    formula_error_position = fields.Json();
    formula_preview = fields.Json();
    frequency = fields.Selection({ selection: [["month", "Monthly"]] });
    measure = fields.Selection({ selection: [["count", "Number"]] });
    unit = fields.Selection({ selection: [["number", "Number"]] });
    decimals = fields.Integer();
    currency_id = fields.Many2one({ relation: "res.currency" });
    unit_symbol = fields.Char();
    duration_unit = fields.Selection({ selection: [["day", "Days"]] });
    entry = fields.Char();
    model_name = fields.Char();
    model_label = fields.Char();
    domain = fields.Char();
    date_field = fields.Char({ required: true });
    records_notice = fields.Char();

    _records = [
        {
            id: 1,
            formula: "a",
            frequency: "month",
            unit: "number",
            decimals: 1,
            formula_preview: [
                { period: "2026-09-01", value: 1.5, reason: "" },
                { period: "2026-10-01", value: null, reason: "b has no value" },
            ],
        },
    ];
}

class ResCurrency extends models.Model {
    _name = "res.currency";
}

defineMailModels();
defineModels([KpiDefinition, ResCurrency]);

const mountForm = (arch) =>
    mountView({ type: "form", resModel: "kpi.definition", resId: 1, arch: `<form>${arch}</form>` });

test("a formula is checked while it is written, after a pause", async () => {
    await mountForm(`<field name="formula" widget="kpi_formula"/><field name="formula_error"/>`);
    await contains("textarea").edit("a +", { confirm: false });
    expect.verifySteps([]);
    await advanceTime(600);
    expect.verifySteps(["a +"]);
    expect(".o_field_widget[name=formula_error] input").toHaveValue(
        "Column 3: something is missing",
    );
    expect("textarea").toHaveValue("a +");
});

test("the place of a mistake is marked until the formula is changed", async () => {
    KpiDefinition._records[0].formula = "won\n + 😀 / clos * 2";
    KpiDefinition._records[0].formula_error_position = { line: 2, column: 8 };
    await mountForm(`<field name="formula" widget="kpi_formula"/>`);
    expect("mark").toHaveText("clos");
    expect("textarea").toHaveAttribute("aria-invalid", "true");
    await contains("textarea").edit("won +", { confirm: false });
    expect("mark").toHaveCount(0);
    await advanceTime(600);
    expect.verifySteps(["won +"]);
    expect("mark").toHaveText("n");
});

test("a preview shows each period, and why one has no value", async () => {
    await mountForm(`<field name="formula_preview" widget="kpi_formula_preview"/>`);
    expect(queryAllTexts(".o_kpi_preview_list li")).toEqual(["Sep 2026\n1.5", "Oct 2026\n–"]);
    expect(".o_kpi_preview p").toHaveText("– means: b has no value");
});

test("a preview is asked for once, after a pause, with what the form holds", async () => {
    let preview = {
        company: "North",
        points: [
            { label: "Sep 2026", value: 3, running: false },
            { label: "Oct 2026", value: 5, running: true },
        ],
        message: "",
        states: { labels: ["Quotation", "Cancelled"], domain: "[('state', '=', 'sale')]" },
    };
    onRpc("kpi.definition", "get_preview", ({ args: [values, id] }) => {
        expect.step([id, values.domain, values.frequency]);
        return preview;
    });
    KpiDefinition._records[0].domain = "[]";
    await mountForm(`
        <field name="domain"/><field name="frequency"/>
        <widget name="kpi_definition_preview"/>`);
    expect.verifySteps([]);
    await advanceTime(600);
    expect.verifySteps([[1, "[]", "month"]]);
    await waitFor(".o_kpi_definition_preview canvas", { timeout: 3000 });
    expect(".o_kpi_definition_preview_title").toHaveText(/North, records you can see/);
    expect(".o_kpi_definition_preview_value").toHaveText(/^5\.0\s+in Oct 2026 so far$/);
    expect(".o_kpi_definition_preview_value + p").toHaveText("3.0 in Sep 2026");
    expect(".alert").toHaveText(/Quotation, Cancelled/);
    preview = { company: "North", points: [], message: "Nothing counts.", states: null };
    await contains("button:contains(Exclude These)").click();
    expect(".o_field_widget[name=domain] input").toHaveValue("[('state', '=', 'sale')]");
    await advanceTime(600);
    expect.verifySteps([[1, "[('state', '=', 'sale')]", "month"]]);
    await waitFor(".o_kpi_definition_preview p");
    expect(".alert").toHaveCount(0);
    expect(".o_kpi_definition_preview p").toHaveText("Nothing counts.");
});

test("what is counted has bars, an average and its latest records", async () => {
    const points = [
        { label: "Aug 2026", value: 5, running: false },
        { label: "Sep 2026", value: 3, running: false },
        { label: "Oct 2026", value: 2, running: true },
    ];
    const records = {
        model: "crm.lead",
        ids: [8, 9],
        count: 2,
        period: "Oct 2026",
        named: [{ id: 9, name: "Valves", person: "Ada Roy", day: "Oct 4" }],
    };
    onRpc("kpi.definition", "get_preview", () => ({
        company: "North",
        points,
        message: "",
        states: null,
        records,
    }));
    const doAction = ({ domain, res_model }) => expect.step([res_model, domain]);
    mockService("action", { doAction });
    KpiDefinition._records[0].measure = "count";
    await mountForm(`
        <field name="frequency"/><field name="measure"/>
        <widget name="kpi_definition_preview"/>`);
    await advanceTime(600);
    await waitFor(".o_kpi_definition_preview canvas", { timeout: 3000 });
    expect(".o_kpi_definition_preview_value").toHaveText(/^2\.0\s+in Oct 2026 so far$/);
    expect(".o_kpi_definition_preview_value + p").toHaveText(
        "3.0 in Sep 2026 · 4.0 per month on average",
    );
    expect(queryAllTexts(".o_kpi_definition_preview_records li span")).toEqual([
        "Valves",
        "Ada Roy",
        "Oct 4",
    ]);
    await contains(".o_kpi_definition_preview .btn:contains(All 2 records)").click();
    expect.verifySteps([["crm.lead", [["id", "in", [8, 9]]]]]);
});

test("a source is chosen among four cards", async () => {
    await mountForm(`<field name="computation" widget="kpi_source_choice"/>`);
    expect(queryAllTexts(".o_kpi_source span")).toEqual(["Entered by people", "Other KPIs"]);
    await contains(".o_kpi_source:contains(Other KPIs)").click();
    expect(".o_kpi_source_chosen").toHaveText(/Other KPIs/);
    expect(".o_kpi_source_chosen input").toBeChecked();
});

test("a number is empty at first and asks phones for their number pad", async () => {
    await mountForm(`<field name="entry" widget="kpi_number_input"/>`);
    expect(".o_field_widget[name=entry] input").toHaveValue("");
    expect(".o_field_widget[name=entry] input").toHaveAttribute("inputmode", "decimal");
    await contains(".o_field_widget[name=entry] input").edit("12,5.3", { confirm: false });
    expect(".o_field_widget[name=entry] input").toHaveAttribute("aria-invalid", "true");
    expect(".o_kpi_entry_mistake").toHaveText("“12,5.3” is not a number. Use 12.5 or 12,5.");
    await contains(".o_field_widget[name=entry] input").edit("12,53", { confirm: false });
    expect(".o_field_widget[name=entry] input").toHaveAttribute("aria-invalid", "false");
    expect(".o_kpi_entry_mistake").toHaveCount(0);
});

test("records are chosen among those that can be measured", async () => {
    onRpc("kpi.definition", "get_measurable_models", () => [
        { model: "sale.order", display_name: "Sales Order", technical: false },
        { model: "crm.lead", display_name: "Lead", technical: false },
        { model: "sale.order.option", display_name: "Sales Option", technical: true },
    ]);
    onRpc("kpi.definition", "web_save", ({ args }) => {
        expect.step(args[1].model_name);
    });
    await mountForm(`<field name="model_name" widget="kpi_model"/>`);
    await contains(".o_model_selector input").click();
    expect(queryAllTexts(".dropdown-item")).toEqual(["Lead", "Sales Order", "Show technical (1)"]);
    await contains(".o_model_selector input").edit("sale", { confirm: false });
    await advanceTime(300);
    expect(queryAllTexts(".dropdown-item")).toEqual(["Sales Order", "Show technical (1)"]);
    await contains(".dropdown-item:contains(Show technical)").click();
    await advanceTime(300);
    expect(queryAllTexts(".dropdown-item")).toEqual(["Sales Option", "Sales Order"]);
    await contains(".o_model_selector input").edit("lea", { confirm: false });
    await advanceTime(300);
    await contains(".dropdown-item:contains(Lead)").click();
    await contains(".o_form_button_save").click();
    expect.verifySteps(["crm.lead"]);
});

test("models are found by the beginnings of their words, the likeliest first", () => {
    const models = [
        ["sale.order.line", "Sales Order Line"],
        ["sale.order", "Sales Order"],
        ["sale.report", "Sales Analysis Report"],
        ["mrp.production", "Manufacturing Order"],
        ["stock.warehouse.orderpoint", "Minimum Inventory Rule"],
        ["crm.lead", "Lead"],
        ["hr.leave", "Time Off"],
        ["x_café", "Café Or Sale"],
    ].map(([technical, label]) => ({ label, data: { technical } }));
    const found = (request) => findModels(models, request).map(({ label }) => label);
    expect(found("sale or")).toEqual(["Sales Order", "Sales Order Line", "Café Or Sale"]);
    expect(found("sales orders")).toEqual(["Sales Order", "Sales Order Line"]);
    expect(found("SALES  ORDER")).toEqual(["Sales Order", "Sales Order Line"]);
    expect(found("sale.order")).toEqual(["Sales Order", "Sales Order Line"]);
    expect(found("order")).toEqual([
        "Manufacturing Order",
        "Sales Order",
        "Sales Order Line",
        "Minimum Inventory Rule", // stock.warehouse.orderpoint
    ]);
    expect(found("cafe")).toEqual(["Café Or Sale"]);
    expect(found("leave")).toEqual(["Time Off"]);
    expect(found("xyz")).toEqual([]);
    expect(found("")).toHaveLength(models.length);
});

test("what nobody can ask the records for is shown as its text", async () => {
    KpiDefinition._records[0].model_name = "gone.model";
    KpiDefinition._records[0].domain = `[("is_won", "=", True)]`;
    KpiDefinition._records[0].date_field = "closed_on";
    KpiDefinition._records[0].records_notice = "The app is not installed.";
    await mountForm(`
        <field name="model_name"/>
        <field name="domain" widget="kpi_domain" options="{'model': 'model_name'}"/>
        <field name="date_field" widget="kpi_path" options="{'model': 'model_name'}"/>`);
    expect(".o_field_widget[name=domain]").toHaveText(`[("is_won", "=", True)]`);
    expect(".o_field_widget[name=date_field]").toHaveText("closed_on");
});

test("a filter that nothing passes says so beside its count", async () => {
    KpiDefinition._records[0].model_name = "res.currency";
    KpiDefinition._records[0].domain = "[]";
    await mountForm(
        `<field name="model_name"/>
         <field name="domain" widget="kpi_domain" options="{'model': 'model_name'}"/>`,
    );
    expect(".o_domain_show_selection_button").toHaveText("0 record(s)");
    expect(".o_field_domain_panel .text-warning").toHaveText(/^No records match/);
});

test("the tab that a way of computing needs is opened when it is chosen", async () => {
    await mountView({
        type: "form",
        resModel: "kpi.definition",
        arch: `
            <form js_class="kpi_definition_form">
                <field name="computation" widget="radio"/>
                <notebook>
                    <page name="formula" string="Formula" invisible="computation != 'formula'"/>
                    <page name="periods" string="Periods"/>
                </notebook>
            </form>`,
    });
    expect(".nav-link.active").toHaveText("Periods");
    await contains(".form-check:contains(Formula) input").click();
    await animationFrame();
    expect(".nav-link.active").toHaveText("Formula");
});

test("what is missing is named, with its tab", async () => {
    await mountView({
        type: "form",
        resModel: "kpi.definition",
        arch: `
            <form js_class="kpi_definition_form">
                <field name="unit" required="1"/>
                <notebook>
                    <page string="Records"><field name="date_field" string="Day"/></page>
                </notebook>
            </form>`,
    });
    await contains(".o_form_button_save").click();
    expect(".o_notification").toHaveText("Missing or invalid: Unit, Records › Day");
});

test("in a dialog without tabs what is missing turns red and no message covers it", async () => {
    await mountViewInDialog({
        type: "form",
        resModel: "kpi.definition",
        arch: `
            <form js_class="kpi_named_fields_form">
                <field name="unit" required="1"/>
            </form>`,
    });
    await contains(".o_dialog .o_form_button_save").click();
    expect(".o_dialog .o_field_invalid").toHaveCount(1);
    expect(".o_notification").toHaveCount(0);
});

/** Of closed periods: values, two thirds of them judged, a third locked. */
const counts = (count) => ({
    closed_count: count,
    judged_count: (2 * count) / 3,
    locked_count: count / 3,
});

const CHANGE = {
    choices: [
        { kind: "running", day: "2026-11-01", label: "Nov 2026", ...counts(0) },
        { kind: "next", day: "2026-12-01", label: "Dec 2026", ...counts(0) },
        { kind: "earlier", day: "2026-10-01", label: "Oct 2026", ...counts(3) },
        { kind: "earlier", day: "2026-09-01", label: "Sep 2026", ...counts(6) },
        { kind: "all", day: "all", label: "", ...counts(9) },
    ],
    points: [
        { label: "Sep 2026", start: "2026-09-01", old: 1, new: 1 },
        { label: "Oct 2026", start: "2026-10-01", old: 2.5, new: null },
    ],
    unit: { unit: "number", decimals: 1 },
    message: "",
    used_in: [
        {
            label: "Formulas",
            count: 1,
            items: [{ model: "kpi.definition", id: 9, name: "Win rate" }],
            hidden_count: 0,
        },
    ],
};

const VALUES = { domain: "[('a', '=', 1)]" };
const ASKED = ["asked", VALUES, 1];

/** A form whose KPI has values, with another filter typed into it. */
async function changeFilter(change) {
    KpiDefinition._fields.has_measurements = fields.Boolean();
    KpiDefinition._records[0].has_measurements = true;
    onRpc("get_change", ({ args }) => {
        expect.step(["asked", ...args]);
        return change;
    });
    onRpc("web_save", ({ args, kwargs }) => {
        expect.step([
            "saved",
            args[1],
            kwargs.context.kpi_valid_from,
            kwargs.context.kpi_change_reason,
        ]);
    });
    await mountView({
        type: "form",
        resModel: "kpi.definition",
        resId: 1,
        arch: `
            <form js_class="kpi_definition_form">
                <field name="has_measurements" invisible="1"/>
                <field name="domain"/>
            </form>`,
    });
    await contains(".o_field_widget[name=domain] input").edit("[('a', '=', 1)]");
    await contains(".o_form_button_save").click();
    await animationFrame();
}

test("a KPI with values is asked from when on it is computed in another way", async () => {
    await changeFilter(CHANGE);
    expect.verifySteps([ASKED]);
    expect(queryAllTexts(".modal .form-check")).toEqual([
        "From Nov 2026, the running period",
        "From Dec 2026, the next period",
        "From an earlier period",
        "For its full history",
    ]);
    expect(".o_kpi_change_closed").toHaveText("Values of closed periods do not change.");
    const values = () => queryAllTexts(".o_kpi_change_values tbody td");
    expect(values()).toEqual(["2.5", "2.5", "1.0", "1.0"]);
    expect(".o_kpi_change_changed").toHaveCount(0);
    await contains(".modal .form-check:contains(earlier) input").click();
    expect(values()).toEqual(["2.5", "–", "1.0", "1.0"]);
    expect(".o_kpi_change_changed").toHaveText("–");
    expect(".o_kpi_change_closed").toHaveText(
        [
            "Values to recalculate: 3.",
            "Periods keeping their status: 2.",
            "Locked but still recalculated: 1.",
        ].join("\n"),
    );
    await contains(".modal select").select("2026-09-01");
    expect(".o_kpi_change_closed").toHaveText(/^Values to recalculate: 6\./);
    await contains(".modal input[type=text]").edit("Drafts never count");
    await contains(".modal .btn-primary").click();
    await animationFrame();
    expect.verifySteps([["saved", VALUES, "2026-09-01", "Drafts never count"]]);
    expect(".modal").toHaveCount(0);
});

test("without an answer nothing is saved; where nothing changes nobody is asked", async () => {
    await changeFilter(CHANGE);
    await contains(".modal .btn-secondary").click();
    await animationFrame();
    expect.verifySteps([ASKED]);
    expect(".o_form_status_indicator_buttons:not(.invisible)").toHaveCount(1);
});

test("what changes nothing of the values is saved at once", async () => {
    await changeFilter(false);
    expect.verifySteps([ASKED, ["saved", VALUES, undefined, undefined]]);
    expect(".modal").toHaveCount(0);
});

const USES = [
    {
        label: "Formulas",
        count: 3,
        items: [{ model: "kpi.definition", id: 9, name: "Win rate" }],
        hidden_count: 2,
    },
    {
        label: "Scorecards",
        count: 1,
        items: [{ model: "kpi.report.group", id: 4, name: "Sales" }],
        hidden_count: 0,
    },
];

async function mountUsed() {
    KpiDefinition._fields.uses = fields.Json();
    KpiDefinition._fields.active = fields.Boolean({ default: true });
    KpiDefinition._fields.has_measurements = fields.Boolean();
    KpiDefinition._records[0].uses = USES;
    KpiDefinition._records[0].has_measurements = true;
    await mountView({
        type: "form",
        resModel: "kpi.definition",
        resId: 1,
        actionMenus: {},
        arch: `
            <form js_class="kpi_definition_form">
                <field name="active" invisible="1"/>
                <field name="has_measurements" invisible="1"/>
                <field name="unit_symbol"/>
                <field name="uses" widget="kpi_uses" readonly="1"/>
            </form>`,
    });
}

test("what uses a KPI is listed; what one may see is a link", async () => {
    mockService("action", {
        doAction: ({ res_model, res_id }) => expect.step([res_model, res_id]),
    });
    await mountUsed();
    expect(queryAllTexts("[name=uses] dt")).toEqual(["Formulas 3", "Scorecards 1"]);
    expect(queryAllTexts("[name=uses] button")).toEqual(["Win rate", "Sales"]);
    expect("[name=uses] dd:first").toHaveText(/2 that you cannot access/);
    await contains("[name=uses] button:contains(Sales)").click();
    expect.verifySteps([["kpi.report.group", 4]]);
});

test("who archives or deletes a KPI is told what uses it", async () => {
    await mountUsed();
    for (const what of ["Archive", "Delete"]) {
        await contains(".o_cp_action_menus button").click();
        await contains(`.o-dropdown-item:contains(${what})`).click();
        expect(".modal-body").toHaveText(
            new RegExp(
                `${what} this KPI\\?\\s+Used in:\\s+` +
                    "Formulas: Win rate, 2 that you cannot access\\s+Scorecards: Sales",
            ),
        );
        await contains(".modal .btn-secondary").click();
    }
});

test("another unit of a KPI that is used is asked about", async () => {
    onRpc("get_change", () => false);
    onRpc("web_save", () => expect.step("saved"));
    await mountUsed();
    await contains("[name=unit_symbol] input").edit("h");
    await contains(".o_form_button_save").click();
    expect(".modal-title").toHaveText("Change Unit");
    expect(".modal-body").toHaveText(/Formulas: Win rate/);
    await contains(".modal .btn-secondary").click();
    expect.verifySteps([]);
    await contains(".o_form_button_save").click();
    await contains(".modal .btn-primary").click();
    await animationFrame();
    expect.verifySteps(["saved"]);
});

test.tags("desktop");
test("a list says what uses the KPIs that are archived", async () => {
    KpiDefinition._fields.active = fields.Boolean({ default: true });
    onRpc("get_uses", ({ args }) => {
        expect.step(args[0]);
        return USES;
    });
    await mountView({
        type: "list",
        resModel: "kpi.definition",
        actionMenus: {},
        arch: `<list js_class="kpi_definition_list"><field name="active" column_invisible="1"/><field name="unit"/></list>`,
    });
    await contains(".o_data_row .o_list_record_selector input").click();
    await contains(".o_cp_action_menus .dropdown-toggle").click();
    await contains(".o-dropdown-item:contains(Archive)").click();
    await waitFor(".modal-body:contains(Scorecards: Sales)");
    expect.verifySteps([[1]]);
});
