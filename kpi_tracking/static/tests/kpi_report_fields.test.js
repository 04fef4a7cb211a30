import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts } from "@odoo/hoot-dom";
import {
    allowTranslations,
    defineModels,
    fields,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { currencies } from "@web/core/currency";
import { registry } from "@web/core/registry";
import { StatusChip, STATUSES, statusLook } from "@kpi_tracking/eager/status_chip/status_chip";

/** Two KPIs: one at risk in a running month, one without value and target. */
class KpiReport extends models.Model {
    _name = "kpi.report";

    name = fields.Char();
    unit = fields.Selection({
        selection: [
            ["currency", "Currency"],
            ["percent", "Percent"],
        ],
    });
    decimals = fields.Integer();
    currency_id = fields.Many2one({ relation: "res.currency" });
    unit_symbol = fields.Char();
    duration_unit = fields.Selection({ selection: [["day", "Days"]] });
    aggregation_time = fields.Selection({
        selection: [
            ["sum", "Sum"],
            ["average", "Average"],
        ],
    });
    direction = fields.Selection({
        selection: [
            ["higher", "Higher"],
            ["range", "Range"],
        ],
    });
    status = fields.Selection({
        selection: [
            ["at_risk", "At risk"],
            ["no_data", "No data"],
            ["on_target", "On track"],
        ],
    });
    is_running = fields.Boolean();
    expected_status = fields.Selection({ selection: [["off_target", "Off track"]] });
    is_likely_miss = fields.Boolean();
    has_value = fields.Boolean();
    has_previous = fields.Boolean();
    current_value = fields.Float();
    previous_value = fields.Float();
    target_value = fields.Float();
    achievement = fields.Float();
    sparkline = fields.Json();
    breakdown = fields.Json();
    computation_error = fields.Char();
    unpriced_count = fields.Integer();

    _records = [
        {
            id: 1,
            name: "Won Revenue",
            unit: "currency",
            currency_id: 901,
            aggregation_time: "sum",
            direction: "higher",
            status: "at_risk",
            is_running: true,
            has_value: true,
            current_value: 82431,
            target_value: 100000,
            achievement: 82.4,
            sparkline: {
                running: true,
                points: [
                    { label: "Oct 2026", value: 91234, target: 120000 },
                    { label: "Nov 2026", value: 82431, target: 120000 },
                ],
            },
            breakdown: [
                {
                    label: "Country",
                    parts: [
                        { label: "Germany", value: 60000, percent: 72.8 },
                        { label: "Other", value: 15000, percent: 18.2 },
                    ],
                },
            ],
            has_previous: true,
            previous_value: 91234,
            unpriced_count: 3,
        },
        {
            id: 2,
            name: "Discount",
            unit: "percent",
            decimals: 1,
            direction: "range",
            status: "no_data",
            computation_error: "orders has no value",
            sparkline: false,
            breakdown: false,
        },
    ];
}

class ResCurrency extends models.Model {
    _name = "res.currency";
    _records = [{ id: 901, display_name: "EUR" }];
}

defineMailModels();
defineModels([KpiReport, ResCurrency]);

beforeEach(() => {
    patchWithCleanup(currencies, { 901: { symbol: "€", position: "after", digits: [69, 2] } });
});

const mountList = (arch) =>
    mountView({ type: "list", resModel: "kpi.report", arch: `<list>${arch}</list>` });

test("a value has its unit, a missing one is a dash and not 0", async () => {
    await mountList(
        `<field name="current_value" widget="kpi_value" options="{'known': 'has_value'}"/>`,
    );
    expect(queryAllTexts(".o_field_kpi_value")).toEqual(["82.4 k€", "–"]);
    expect(".o_kpi_value:first").toHaveAttribute("data-tooltip", "82,431\u202f€");
});

test("a field that holds no number is a dash", async () => {
    onRpc("web_search_read", async ({ parent }) => {
        const found = await parent();
        found.records[0].current_value = false;
        return found;
    });
    await mountList(`<field name="current_value" widget="kpi_value"/>`);
    expect(queryAllTexts(".o_field_kpi_value")[0]).toBe("–");
});

test("a target is a number, a range, or a dash", async () => {
    KpiReport._records[1].sparkline = { points: [{ label: "Oct", value: 7, low: 5, high: 9.5 }] };
    KpiReport._records.push({ id: 3, unit: "percent", direction: "higher", status: "no_data" });
    await mountList(`<field name="target_value" widget="kpi_target"/>`);
    expect(queryAllTexts(".o_field_kpi_target")).toEqual(["100 k€", "5.0% – 9.5%", "–"]);
});

test("a target that is due in part has a decimal, so that its achievement is understood", async () => {
    const due = { unit: "percent", is_running: true, aggregation_time: "sum", status: "at_risk" };
    const rows = [
        { ...due, target_value: 8 / 3, direction: "higher" },
        { ...due, target_value: 3, direction: "higher" },
        { ...due, target_value: 8 / 3, direction: "higher", is_running: false },
    ];
    KpiReport._records = rows.map((row, at) => ({ id: at + 1, ...row }));
    await mountList(`<field name="target_value" widget="kpi_target"/>`);
    expect(queryAllTexts(".o_field_kpi_target")).toEqual(["2.7%", "3%", "3%"]);
});

test("of a target that is due in part the full one is told as well", async () => {
    const due = { unit: "number", aggregation_time: "sum", status: "at_risk", target_value: 14 };
    const sparkline = { points: [{ label: "Nov 2026", value: 3, target: 20 }] };
    KpiReport._records = [true, false].map((isRunning, at) => ({
        ...{ id: at + 1, direction: "higher", is_running: isRunning, sparkline },
        ...due,
    }));
    await mountList(`<field name="target_value" widget="kpi_target"/>`);
    const told = "14 to date, 20 for the full period";
    expect(".o_kpi_value:eq(0)").toHaveAttribute("data-tooltip", told);
    expect(".o_kpi_value:eq(1)").toHaveAttribute("data-tooltip", "14");
});

test("a status has a word and an icon; it is so far while its period runs", async () => {
    KpiReport._records.push({ id: 3, status: "on_target" });
    await mountList(`<field name="status" widget="kpi_status"/>`);
    expect(queryAllTexts(".o_kpi_status")).toEqual(["At risk so far", "No data", "On track"]);
    for (const [tone, status] of [
        ["warning", "at_risk"],
        ["muted", "no_data"],
        ["success", "on_target"],
    ]) {
        const { path } = STATUSES[status];
        expect(`.o_kpi_status_${tone} path`).toHaveAttribute("d", path);
    }
});

test("a forecast below an even chance will likely miss; others have their status", async () => {
    const forecast = { expected_status: "off_target", is_running: true };
    KpiReport._records = [true, false].map((is_likely_miss, at) => ({
        ...{ id: at + 1, is_likely_miss },
        ...forecast,
    }));
    await mountList(`<field name="expected_status" widget="kpi_status"/>`);
    expect(queryAllTexts(".o_kpi_status")).toEqual(["Likely to miss", "Off track"]);
});

test("only what is rated is so far", () => {
    allowTranslations();
    const words = Object.keys(STATUSES).map((status) => `${statusLook(status, true).word}`);
    expect(words).toEqual([
        ...["On track so far", "At risk so far", "Off track so far", "Likely to miss"],
        ...["Not due yet", "No target", "No data"],
    ]);
    expect(`${statusLook("unheard of").word}`).toBe("No data");
});

test("a chip is 20 pixels high, its icon 12, in letters of 12", async () => {
    for (const status of Object.keys(STATUSES)) {
        await mountWithCleanup(StatusChip, { props: { status, isRunning: true } });
    }
    const chips = queryAll(".o_kpi_status");
    expect(chips).toHaveLength(Object.keys(STATUSES).length);
    for (const chip of chips) {
        expect(chip.getBoundingClientRect().height).toBe(20);
        expect(chip.querySelector("svg").getBoundingClientRect().width).toBe(12);
        const { fontSize, fontWeight } = getComputedStyle(chip);
        expect([fontSize, fontWeight]).toEqual(["12px", "500"]);
    }
});

test("an achievement is a meter with its number; a dash without value", async () => {
    await mountList(`<field name="achievement" widget="kpi_achievement"/>`);
    expect("[role=meter]").toHaveCount(1);
    expect("[role=meter]").toHaveAttribute("aria-valuetext", "82%");
    expect("[role=meter]").toHaveAttribute("aria-label", "Achievement to date");
    expect(".o_kpi_achievement_fill").toHaveAttribute("style", /inline-size: 82\.4%/);
    expect(".o_data_row:eq(1) .o_field_kpi_achievement").toHaveText("–");
});

test("the average achievement of a group is in percent; none where nothing is judged", () => {
    const format = registry.category("formatters").get("kpi_achievement");
    expect([82.4, 0, false, undefined].map(format)).toEqual(["82%", "0%", "", ""]);
});

test("a trend says where it starts and ends; nothing is drawn without one", async () => {
    await mountList(`<field name="sparkline" widget="kpi_sparkline"/>`);
    expect("svg.o_kpi_sparkline").toHaveCount(1);
    expect("svg").toHaveAttribute("aria-label", "Oct 2026: 91.2\u202fk€ → Nov 2026: 82.4\u202fk€");
});

test("comparisons are words", async () => {
    await mountList(`<field name="current_value" widget="kpi_comparison"/>`);
    expect(".o_data_row:eq(0) .o_kpi_comparison").toHaveText(
        "−18% vs target to date · Oct 2026: 91.2 k€",
    );
    expect(".o_data_row:eq(1) .o_kpi_comparison").toHaveText("");
});

test("a notice says why a value is missing or incomplete", async () => {
    KpiReport._records.push({ id: 3, unpriced_count: 1 });
    await mountList(`<field name="computation_error" widget="kpi_notice"/>`);
    expect(".o_kpi_notice").toHaveCount(3);
    expect(".o_kpi_notice:eq(0)").toHaveAttribute(
        "data-tooltip",
        "3 records without an exchange rate are excluded.",
    );
    expect(".o_kpi_notice:eq(1)").toHaveAttribute("data-tooltip", "orders has no value");
    expect(".o_kpi_notice:eq(2)").toHaveAttribute("data-tooltip", /^One record without/);
});

test("parts of a value have bars by their size, and shares", async () => {
    await mountView({
        type: "form",
        resModel: "kpi.report",
        resId: 1,
        arch: `<form><field name="breakdown" widget="kpi_breakdown"/></form>`,
    });
    expect("caption").toHaveText("Country");
    expect(queryAllTexts("tbody tr:eq(0) > *")).toEqual(["Germany", "", "60 k€", "73%"]);
    expect(".o_kpi_breakdown_bar:eq(1) div").toHaveAttribute("style", "inline-size: 25%");
});

test("a measured amount has the decimals of its KPI", async () => {
    Object.assign(KpiReport._records[0], { target_value: 36500.4567, decimals: 1 });
    await mountView({
        type: "form",
        resModel: "kpi.report",
        resId: 1,
        arch: `<form>
            <field name="target_value" widget="kpi_amount" options="{'rounded': True}" readonly="1"/>
        </form>`,
    });
    expect("[name=target_value]").toHaveText(/36,500.5/);
});

test("an amount is written in full beside its unit", async () => {
    KpiReport._records[0].target_value = 36500.5;
    await mountView({
        type: "form",
        resModel: "kpi.report",
        resId: 1,
        arch: `<form><field name="target_value" widget="kpi_amount"/></form>`,
    });
    expect(".o_kpi_amount input").toHaveValue("36,500.5");
    expect(".o_kpi_amount span").toHaveText("€");
});
