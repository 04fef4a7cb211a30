import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";

const POINT = { target: 800, low: null, high: null, status: "off_target", running: false };
const OF_ALERT = { is_alert: true };

class Currency extends models.Model {
    _name = "res.currency";
}

class Alert extends models.Model {
    _name = "kpi.alert.event";
    headline = fields.Char();
    chart = fields.Json();
    parts = fields.Json();
    aggregation_time = fields.Selection({ selection: [["sum", "Sum"]] });
    unit = fields.Selection({ selection: [["number", "Number"]] });
    decimals = fields.Integer();
    currency_id = fields.Many2one({ relation: "res.currency" });
    unit_symbol = fields.Char();
    duration_unit = fields.Selection({ selection: [["day", "Days"]] });

    _records = [
        {
            id: 1,
            headline: "Revenue was 586 in Oct 2026, 73% of its target",
            unit: "number",
            chart: {
                limits: [{ text: "Alert below 90%", values: [720, 720] }],
                points: [
                    { ...POINT, label: "Oct 2026", start: "2026-10-01", value: 586, ...OF_ALERT },
                    { ...POINT, label: "Nov 2026", start: "2026-11-01", value: 729, running: true },
                ],
            },
            parts: [
                {
                    id: 12,
                    name: "Field Sales",
                    text: "274",
                    exact: "274.00",
                    share: "56%",
                    status: "off_target",
                },
                {
                    id: 13,
                    name: "Inside Sales",
                    text: "312",
                    exact: "312.00",
                    share: "",
                    status: "no_target",
                },
                {
                    id: false,
                    name: "Others",
                    text: "12",
                    exact: "12.00",
                    share: "",
                    status: "no_target",
                },
            ],
        },
        { id: 2, headline: "Revenue has no value in Oct 2026", chart: false, parts: false },
    ];
}

defineMailModels();
defineModels([Currency, Alert]);

const open = (resId) =>
    mountView({
        type: "form",
        resModel: "kpi.alert.event",
        resId,
        arch: `
            <form>
                <field name="chart" widget="kpi_alert_chart"/>
                <field name="parts" widget="kpi_alert_parts"/>
            </form>`,
    });

test("the chart is called by the sentence of the alert", async () => {
    await open(1);
    expect(".o_kpi_alert_chart canvas").toHaveAttribute(
        "aria-label",
        "Revenue was 586 in Oct 2026, 73% of its target",
    );
});

test("parts have their value, and their share of the target with its status", async () => {
    mockService("action", {
        doAction: ({ res_id, res_model }) => expect.step([res_model, res_id]),
    });
    await open(1);
    expect(queryAllTexts(".o_kpi_alert_parts li button")).toEqual(["Field Sales", "Inside Sales"]);
    expect(queryAllTexts(".o_kpi_alert_part_value")).toEqual(["274", "312", "12"]);
    expect(".o_kpi_alert_part_share:first").toHaveClass("o_kpi_status_danger");
    expect(".o_kpi_alert_part_share:first title").toHaveText("Off track");
    expect(".o_kpi_alert_part_others").toHaveText("Others");
    expect(".o_kpi_alert_parts li:last button").toHaveCount(0);
    await contains(".o_kpi_alert_parts button:first").click();
    expect.verifySteps([["kpi.report", 12]]);
});

test("without values there is no chart", async () => {
    await open(2);
    expect("canvas").toHaveCount(0);
    expect(".o_kpi_alert_parts li").toHaveCount(0);
});
