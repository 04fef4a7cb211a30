import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    defineModels,
    fields,
    models,
    mountView,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { currencies } from "@web/core/currency";

const EUR = { kind: "currency", decimals: 0, currencyId: 901, symbol: "", durationUnit: "day" };
const PERCENT = { ...EUR, kind: "percent", decimals: 1 };

class KpiExplanation extends models.Model {
    _name = "kpi.explanation";

    parts = fields.Json();
    revisions = fields.Json();
    records_filter = fields.Json();
    unit = fields.Selection({ selection: [["percent", "Percent"]] });
    decimals = fields.Integer();
    currency_id = fields.Many2one({ relation: "res.currency" });
    unit_symbol = fields.Char();
    duration_unit = fields.Selection({ selection: [["day", "Days"]] });

    _records = [
        {
            id: 1,
            unit: "percent",
            decimals: 1,
            parts: [
                { label: "“Won”", name: "Won", report_id: 7, value: 521403.4, unit: EUR },
                { label: "prev(“Won”)", value: null, unit: EUR },
                { label: "“Won” / 3", value: 0.62166432, unit: null },
                { label: "“Lost”", name: "Lost", value: null, is_hidden: true, unit: EUR },
                { label: "100 * “Won”", value: -37.8336, unit: PERCENT },
            ],
            revisions: [
                {
                    id: 1,
                    old_value: 12.5,
                    new_value: null,
                    replaced_at: "2026-03-04 12:00:00",
                    replaced_by: "Ada",
                    reason: "recounted",
                },
            ],
            records_filter: {
                model: "res.currency",
                domain: "[('active', '=', True), ('since', '<', 'today -30d')]",
            },
        },
    ];
}

class ResCurrency extends models.Model {
    _name = "res.currency";

    active = fields.Boolean({ string: "In use" });
    since = fields.Date({ string: "Since" });
}

defineMailModels();
defineModels([KpiExplanation, ResCurrency]);

beforeEach(() => {
    patchWithCleanup(currencies, { 901: { symbol: "€", position: "after", digits: [69, 2] } });
});

const mountForm = (arch) =>
    mountView({
        type: "form",
        resModel: "kpi.explanation",
        resId: 1,
        arch: `<form>${arch}</form>`,
    });

test("parts of a formula have the unit and decimals of their KPI", async () => {
    await mountForm(`<field name="parts" widget="kpi_parts"/>`);
    expect(queryAllTexts("tbody td:first-child")).toEqual([
        "Won",
        "prev(“Won”)",
        "“Won” / 3",
        "Lost",
        "100 * “Won”",
    ]);
    expect(queryAllTexts("tbody td:last-child")).toEqual([
        "521,403 €",
        "no value",
        "0.621664",
        "no access",
        "-37.8%",
    ]);
    expect("tbody button").toHaveCount(1);
});

test("earlier values have the KPI's unit", async () => {
    await mountForm(`<field name="revisions" widget="kpi_revisions"/>`);
    expect(queryAllTexts("tbody td.text-end")).toEqual(["12.5%", "no value"]);
});

test("earlier values have as many digits as tell them apart", async () => {
    const [first] = KpiExplanation._records[0].revisions;
    KpiExplanation._records[0].revisions = [
        { ...first, id: 1, old_value: 329752.166781, new_value: 386302.157052 },
        { ...first, id: 2, old_value: 12.34567, new_value: 12.34568 },
    ];
    await mountForm(`<field name="revisions" widget="kpi_revisions"/>`);
    expect(queryAllTexts("tbody td.text-end")).toEqual([
        "329,752.17%",
        "386,302.16%",
        "12.34567%",
        "12.34568%",
    ]);
});

test("a filter is said in words; relative dates stay as they are written", async () => {
    await mountForm(`<field name="records_filter" widget="kpi_filter"/>`);
    expect(".o_kpi_filter").toHaveText("In use is set and Since before today -30d");
});
