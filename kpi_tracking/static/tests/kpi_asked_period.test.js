import { expect, test } from "@odoo/hoot";
import { queryText } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

const ASKED = {
    achievement: 75,
    band: "",
    grain: "month",
    is_running: false,
    label: "Oct 2026",
    start: "2026-10-01",
    status: "off_target",
    value: 28.8,
};

class KpiReport extends models.Model {
    _name = "kpi.report";

    asked_period = fields.Json();
    period_label = fields.Char();
    standing = fields.Json();
    is_running = fields.Boolean();
    unit = fields.Selection({ selection: [["percent", "Percent"]] });
    decimals = fields.Integer();
    currency_id = fields.Many2one({ relation: "res.currency" });
    unit_symbol = fields.Char();
    duration_unit = fields.Selection({ selection: [["day", "Days"]] });

    _records = [
        {
            id: 1,
            asked_period: ASKED,
            decimals: 1,
            is_running: true,
            period_label: "Nov 2026",
            unit: "percent",
        },
        { id: 2, asked_period: false },
        { id: 3, asked_period: { ...ASKED, achievement: null, status: "no_data", value: null } },
        {
            id: 4,
            asked_period: ASKED,
            standing: {
                figures: [
                    { key: "running", start: "2026-11-01" },
                    { key: "closed", start: "2026-10-01" },
                ],
            },
        },
        {
            id: 5,
            asked_period: { ...ASKED, start: "2026-01-01", label: "Jan 2026" },
            standing: { figures: [{ key: "year", start: "2026-01-01" }] },
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
        arch: `<form>
            <field name="asked_period" widget="kpi_asked_period"/>
            <field name="standing" invisible="1"/>
        </form>`,
    });

test("the period that somebody came from stands above the latest one", async () => {
    onRpc("kpi.report", "action_explain_period", ({ args }) => {
        expect.step(args);
        return { type: "ir.actions.act_window_close" };
    });
    await mountForm(1);
    const text = queryText(".o_kpi_asked_period").replace(/\s+/g, " ");
    expect(text).toMatch(/Oct 2026 28.8% Off track 75% of target Explain Below: Nov 2026/);
    await contains(".o_kpi_asked_period button").click();
    expect.verifySteps([[[1], "month", "2026-10-01"]]);
});

test("a period without a value says so", async () => {
    await mountForm(3);
    expect(".o_kpi_asked_period").toHaveText(/Oct 2026\s*–\s*No data/);
    expect(".o_kpi_asked_period button").toHaveCount(0);
});

test("who came from nowhere sees the latest period alone", async () => {
    await mountForm(2);
    expect(".o_kpi_asked_period").toHaveCount(0);
});

test("figures that the band has already are not repeated", async () => {
    await mountForm(4);
    expect(".o_kpi_asked_period").toHaveCount(0);
});

test("a year that begins on the same day is another period", async () => {
    await mountForm(5);
    expect(".o_kpi_asked_period").toHaveText(/Jan 2026/);
});
