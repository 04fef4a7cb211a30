import { afterEach, beforeEach, describe, expect, test } from "@odoo/hoot";
import { makeMockEnv, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { currencies } from "@web/core/currency";
import { comparisons } from "@kpi_tracking/eager/comparison/comparisons";
import {
    achievement as formatAchievement,
    change as formatChange,
    compact as formatKpi,
    full as formatKpiFull,
    getTable,
    setTable,
} from "@kpi_base/eager/formatting/formatting";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";

defineMailModels();

const first = getTable();
afterEach(() => setTable(first));

const NUMBER = { kind: "number", decimals: 0 };
const EURO = { kind: "currency", decimals: 0, currencyId: 901 };

beforeEach(async () => {
    await makeMockEnv(); // texts and number formats of a language
    patchWithCleanup(currencies, {
        901: { symbol: "€", position: "after", digits: [69, 2] },
        902: { symbol: "$", position: "before", digits: [69, 2] },
    });
});

test("a tooltip has the decimals of the KPI, or two, and three digits of small numbers", () => {
    const hours = { kind: "duration", decimals: 0, durationUnit: "hour" };
    for (const [value, unit, text] of [
        [331031.604268, EURO, "331,031.60 €"],
        [331031, EURO, "331,031 €"],
        [28.846154, { kind: "percent", decimals: 1 }, "28.85%"],
        [10.5, hours, "10.5 h"],
        [12.34567, { ...NUMBER, decimals: 4 }, "12.3457"],
        [0.00041268, { ...NUMBER, decimals: 2 }, "0.000413"],
        [0, NUMBER, "0"],
    ]) {
        expect(formatKpiFull(value, unit).replaceAll("\u202f", " ")).toBe(text);
    }
});

test("between words from the right, a number stays in one piece", () => {
    setTable({ ...first, rtl: true });
    expect(formatKpi(82431, EURO)).toBe("\u206882.4\u202fk€\u2069");
    expect(formatChange(82, 100, NUMBER)).toBe("\u2068\u200e−18%\u2069");
    expect(formatAchievement(82.4)).toBe("\u206882%\u2069");
});

test("the unit is read from a record", () => {
    const data = { unit: "currency", decimals: 2, currency_id: { id: 901, display_name: "EUR" } };
    expect(unitOf(data)).toEqual({
        kind: "currency",
        decimals: 2,
        currencyId: 901,
        symbol: "",
        durationUnit: "day",
    });
});

describe("comparisons", () => {
    const report = {
        unit: "number",
        decimals: 0,
        direction: "higher",
        aggregation_time: "average",
        status: "at_risk",
        has_value: true,
        current_value: 82,
        target_value: 100,
        has_previous: true,
        previous_value: 80,
        is_running: false,
        sparkline: {
            points: [
                { label: "Sep 2026", value: 80, target: 100 },
                { label: "Oct 2026", value: null, target: 100 },
                { label: "Nov 2026", value: 82, target: 100 },
            ],
        },
    };
    const said = (changes) =>
        comparisons({ ...report, ...changes }).map((text) => text.replaceAll("\u202f", " "));

    test("with the target and the period that had a value before", () => {
        // 82 / 80 = 1.025: rounded half up
        expect(said({})).toEqual(["−18% vs target", "+3% vs Sep 2026"]);
    });

    test("a sum that still grows is not compared with a full period", () => {
        const growing = { is_running: true, aggregation_time: "sum" };
        expect(said(growing)).toEqual(["−18% vs target to date", "Sep 2026: 80"]);
        const largest = { is_running: true, aggregation_time: "max" };
        expect(said(largest)).toEqual(["−18% vs target", "Sep 2026: 80"]);
    });

    test("a period that is not drawn as it began today names the one before, too", () => {
        const points = [
            { label: "Oct 2026", value: 70 },
            { label: "Nov 2026", value: 80 },
            { label: "Dec 2026", value: null },
        ];
        const first = { current_value: 0, is_running: true, aggregation_time: "sum" };
        expect(said({ ...first, status: "not_due", sparkline: { points } })).toEqual([
            "Nov 2026: 80",
        ]);
    });

    test("new where there was nothing before, nothing without a value", () => {
        expect(said({ has_previous: false })).toEqual(["−18% vs target", "new"]);
        expect(said({ has_value: false })).toEqual([]);
    });

    test("without a target there is one comparison", () => {
        expect(said({ status: "no_target" })).toEqual(["+3% vs Sep 2026"]);
    });

    test("a range is missed by a distance", () => {
        const within = [{ label: "Nov 2026", value: 82, low: 80, high: 90 }];
        const below = [{ label: "Nov 2026", value: 82, low: 85, high: 90 }];
        const range = { direction: "range", has_previous: false };
        expect(said({ ...range, sparkline: { points: within } })[0]).toBe("within the range");
        expect(said({ ...range, sparkline: { points: below } })[0]).toBe("3 below the range");
        const percent = { ...range, unit: "percent", decimals: 1 };
        expect(said({ ...percent, sparkline: { points: below } })[0]).toBe(
            "3 points below the range",
        );
    });
});
