import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { makeMockEnv, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { currencies } from "@web/core/currency";
import { localization } from "@web/core/l10n/localization";
import { comparisons } from "@kpi_tracking/comparison/comparisons";
import {
    formatAchievement,
    formatChange,
    formatKpi,
    formatKpiExact,
    formatKpiRounded,
    unitOf,
} from "@kpi_tracking/kpi_format/kpi_format";

defineMailModels();

const NUMBER = { kind: "number", decimals: 0 };
const EURO = { kind: "currency", decimals: 0, currencyId: 901 };
const DOLLAR = { kind: "currency", decimals: 0, currencyId: 902 };
const PERCENT = { kind: "percent", decimals: 1 };

beforeEach(async () => {
    await makeMockEnv(); // texts and number formats of a language
    patchWithCleanup(currencies, {
        901: { symbol: "€", position: "after", digits: [69, 2] },
        902: { symbol: "$", position: "before", digits: [69, 2] },
    });
});

test("a value has three significant digits and its unit", () => {
    const cases = [
        [82, NUMBER, "82"],
        [0, NUMBER, "0"],
        [999.6, NUMBER, "1 k"], // rounded before the thousands are counted
        [82431, EURO, "82.4 k€"],
        [82431, DOLLAR, "$ 82.4 k"],
        [-1234567, EURO, "-1.23 M€"],
        [999600, NUMBER, "1 M"],
        [2.5e12, NUMBER, "2.5 T"],
        [34.0659, PERCENT, "34.1 %"],
        [8.4, { kind: "score", decimals: 1 }, "8.4"],
        [12.3456, { kind: "duration", decimals: 2, durationUnit: "hour" }, "12.3 h"],
        [0.097, { kind: "custom", decimals: 2, symbol: "months" }, "0.10 months"],
        [1, { kind: "boolean", decimals: 0 }, "Yes"],
        [0, { kind: "boolean", decimals: 0 }, "No"],
        [0.75, { kind: "boolean", decimals: 0 }, "75 %"], // three of four said yes
    ];
    for (const [value, unit, text] of cases) {
        expect(formatKpi(value, unit).replaceAll("\u00a0", " ")).toBe(text);
    }
});

test("the exact value keeps its digits", () => {
    expect(formatKpiExact(82431.257, EURO)).toBe("82,431.257\u00a0€");
    expect(formatKpiExact(1 / 3, PERCENT)).toBe("0.333333\u00a0%");
});

test("in a table a value has the decimals of its KPI", () => {
    expect(formatKpiRounded(82431.257, EURO)).toBe("82,431\u00a0€");
    expect(formatKpiRounded(28.846154, PERCENT)).toBe("28.8\u00a0%");
    expect(formatKpiRounded(45, PERCENT)).toBe("45.0\u00a0%");
    expect(formatKpiRounded(1, { kind: "boolean", decimals: 0 })).toBe("Yes");
});

test("a change is a percentage only where that means something", () => {
    const cases = [
        [82, 100, NUMBER, "−18 %"],
        [104, 100, NUMBER, "+4 %"],
        [100.4, 100, NUMBER, "+0.4 %"],
        [100, 100, NUMBER, "±0 %"],
        [5, 0, NUMBER, "+5"], // nothing to divide by
        [5, -5, NUMBER, "+10"], // crossed zero
        [-4, -5, NUMBER, "+20 %"], // (−4 − −5) / 5
        [1500, 100, NUMBER, "+1.4 k"], // fifteenfold: the difference says more
        [34.1, 36.2, PERCENT, "−2.1 points"], // never a percentage of a percentage
    ];
    for (const [value, reference, unit, text] of cases) {
        expect(formatChange(value, reference, unit).replaceAll("\u00a0", " ")).toBe(text);
    }
});

test("an achievement ends at nothing and at the cap", () => {
    expect(formatAchievement(82.4)).toBe("82\u00a0%");
    expect(formatAchievement(-674)).toBe("0\u00a0%");
    expect(formatAchievement(999)).toBe(">\u00a0999\u00a0%");
});

test("between words from the right, a number still reads from the left", () => {
    patchWithCleanup(localization, { direction: "rtl" });
    expect(formatKpi(82431, EURO)).toBe("\u206682.4\u00a0k€\u2069");
    expect(formatChange(82, 100, NUMBER)).toBe("\u2066−18\u00a0%\u2069");
    expect(formatAchievement(82.4)).toBe("\u206682\u00a0%\u2069");
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
        comparisons({ ...report, ...changes }).map((text) => text.replaceAll("\u00a0", " "));

    test("with the target and the period that had a value before", () => {
        // 82 / 80 = 1.025: rounded half up
        expect(said({})).toEqual(["−18 % vs target", "+3 % vs Sep 2026"]);
    });

    test("a sum that still grows is not compared with a whole period", () => {
        const growing = { is_running: true, aggregation_time: "sum" };
        expect(said(growing)).toEqual(["−18 % vs target so far", "Sep 2026: 80"]);
    });

    test("new where there was nothing before, nothing without a value", () => {
        expect(said({ has_previous: false })).toEqual(["−18 % vs target", "new"]);
        expect(said({ has_value: false })).toEqual([]);
    });

    test("without a target there is one comparison", () => {
        expect(said({ status: "no_target" })).toEqual(["+3 % vs Sep 2026"]);
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
