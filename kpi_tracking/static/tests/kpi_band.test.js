import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

const figure = (key, title, value, values = {}) => ({
    key,
    start: "2026-11-01",
    title,
    value,
    status: "on_target",
    band: "",
    is_running: false,
    texts: [],
    links: [],
    ...values,
});
const FIGURES = [
    figure("running", "Nov 2026 so far", 729412, {
        is_running: true,
        texts: ["101% of 725 k, the target to date"],
    }),
    figure("likely", "Likely at the end of Nov 2026", 763000, {
        status: "likely_miss",
        texts: ["5% short of 805 k", "14% chance to reach it"],
    }),
    figure("closed", "Oct 2026", 586000, {
        start: "2026-10-01",
        status: "off_target",
        texts: ["73% of 805 k"],
        links: [{ text: "2 alerts", method: "action_open_alerts", args: ["2026-10-01"] }],
    }),
];

class KpiReport extends models.Model {
    _name = "kpi.report";

    name = fields.Char();
    unit = fields.Selection({ selection: [["number", "Number"]] });
    decimals = fields.Integer();
    currency_id = fields.Many2one({ relation: "res.currency" });
    unit_symbol = fields.Char();
    duration_unit = fields.Selection({ selection: [["day", "Days"]] });
    standing = fields.Json();

    _records = [
        {
            id: 1,
            name: "Orders",
            unit: "number",
            standing: { figures: FIGURES, finding: "", messages: { said: 1, log: 0 } },
        },
        {
            id: 2,
            name: "New",
            unit: "number",
            standing: {
                figures: [figure("running", "Nov 2026 so far", null, { status: "no_data" })],
                finding: "",
                messages: { said: 0, log: 0 },
            },
        },
        {
            id: 3,
            name: "Open",
            unit: "number",
            standing: {
                figures: [figure("likely", "Likely at the end of Nov 2026", 5, { status: "" })],
                finding: "",
                messages: { said: 0, log: 0 },
            },
        },
    ];
}

class ResCurrency extends models.Model {
    _name = "res.currency";
}

defineMailModels();
defineModels([KpiReport, ResCurrency]);

const mountForm = (resId) =>
    mountView({
        type: "form",
        resModel: "kpi.report",
        resId,
        arch: `<form><field name="standing" widget="kpi_band" readonly="1"/></form>`,
    });

test("each figure names its period, its status and how it is against its target", async () => {
    await mountForm(1);
    expect(queryAllTexts(".o_kpi_band dt")).toEqual([
        "Nov 2026 so far",
        "Likely at the end of Nov 2026",
        "Oct 2026",
    ]);
    expect(queryAllTexts(".o_kpi_band .o_kpi_status")).toEqual([
        "On track so far",
        "Likely to miss",
        "Off track",
    ]);
    expect(".o_kpi_band_figure:eq(0) .o_kpi_value").toHaveText(/^729\s?k$/);
    expect(".o_kpi_band_figure:eq(0) .o_kpi_value").toHaveAttribute("data-tooltip", "729,412");
    expect(queryAllTexts(".o_kpi_band_figure:eq(1) .o_kpi_band_texts span")).toEqual([
        "5% short of 805 k",
        "14% chance to reach it",
    ]);
    expect(".o_kpi_band_first").toHaveCount(1);
});

test("the alerts of a period are one click away", async () => {
    onRpc("kpi.report", "action_open_alerts", ({ args }) => {
        expect.step(args);
        return { type: "ir.actions.act_window", res_model: "kpi.alert.event" };
    });
    mockService("action", { doAction: ({ res_model }) => expect.step(res_model) });
    await mountForm(1);
    expect(".o_kpi_band button").toHaveCount(1);
    await contains(".o_kpi_band button:contains(2 alerts)").click();
    expect.verifySteps([[[1], "2026-10-01"], "kpi.alert.event"]);
});

test("a KPI without a value says so", async () => {
    await mountForm(2);
    expect(".o_kpi_band_value").toHaveText("–");
    expect(".o_kpi_band .o_kpi_status").toHaveText("No data");
    expect(".o_kpi_band_texts").toHaveCount(0);
});

test("what is not compared with a target has no chip", async () => {
    await mountForm(3);
    expect(".o_kpi_band_value").toHaveText("5");
    expect(".o_kpi_band .o_kpi_status").toHaveCount(0);
});
