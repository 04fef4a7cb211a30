import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { ChangeEffect } from "@kpi_tracking/screens/change_effect/change_effect";

defineMailModels();

const cells = (value, target, status) => ({
    ...{ value, target, status },
    achievement: [null, null],
    low: [null, null],
    high: [null, null],
});
const EFFECT = {
    unit: { kind: "number", decimals: 0 },
    message: "",
    periods: [
        { label: "Sep 2026", start: "2026-09-01", is_before: true, is_running: false },
        { label: "Oct 2026", start: "2026-10-01", is_before: false, is_running: true },
    ],
    before: cells([80, 90], [null, 100], ["no_target", "at_risk"]),
    after: cells([80, 90], [85, 85], ["at_risk", "on_target"]),
    formulas: [
        {
            ...{ id: 7, name: "Gap", unit: { kind: "number", decimals: 0 } },
            before: { value: [null, -10] },
            after: { value: [null, 5] },
        },
    ],
    scorecards: [{ id: 3, name: "Board", before: [null, 90], after: [94.12, 90] }],
};

const rowsOf = (table) =>
    queryAllTexts(`${table} tbody tr`).map((text) => text.replace(/\s+/g, " "));

test("periods stand latest first, before and after", async () => {
    await mountWithCleanup(ChangeEffect, { props: { effect: EFFECT } });
    expect(queryAllTexts(".o_kpi_effect_values thead th")).toEqual([
        ...["Period", "Value", "Target before", "Target after"],
        ...["Status before", "Status after"],
    ]);
    expect(rowsOf(".o_kpi_effect_values")).toEqual([
        "Oct 2026 running 90 100 85 At risk On track",
        "Sep 2026 * 80 – 85 No target At risk",
    ]);
    expect(".o_kpi_effect_other").toHaveCount(2);
    expect(".o_kpi_effect_charts svg").toHaveCount(2);
});

test("targets between whole numbers are not rounded", async () => {
    const after = cells([80, 90], [85.5, 100.25], ["at_risk", "at_risk"]);
    await mountWithCleanup(ChangeEffect, { props: { effect: { ...EFFECT, after } } });
    expect(rowsOf(".o_kpi_effect_values")).toEqual([
        "Oct 2026 running 90 100 100.25 At risk At risk",
        "Sep 2026 * 80 – 85.5 No target At risk",
    ]);
});

test("formulas and scorecards stand with the latest period that differs", async () => {
    await mountWithCleanup(ChangeEffect, { props: { effect: EFFECT } });
    expect(rowsOf(".o_kpi_effect_others")).toEqual([
        "Formula: Gap Oct 2026 -10 5",
        "Scorecard: Board Sep 2026 – 94.1%",
    ]);
});

test("another formula shows values, not targets", async () => {
    const after = { ...EFFECT.before, value: [120, 135] };
    await mountWithCleanup(ChangeEffect, { props: { effect: { ...EFFECT, after } } });
    expect(queryAllTexts(".o_kpi_effect_values thead th")[1]).toBe("Value before");
    expect(rowsOf(".o_kpi_effect_values")[0]).toBe("Oct 2026 running 90 135 At risk At risk");
});
