import { describe, expect, test } from "@odoo/hoot";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Sparkline } from "@kpi_tracking/eager/sparkline/sparkline";
import { sparklineShape } from "@kpi_tracking/eager/sparkline/sparkline_shape";

defineMailModels();

const BOX = { width: 104, height: 28, margin: 2 };

describe("shape", () => {
    test("the lowest value lies at the bottom, the highest at the top", () => {
        // three points, 50 apart; 0 → 26, 10 → 2, and 5 half way: 14
        const { last, line } = sparklineShape([{ value: 0 }, { value: 10 }, { value: 5 }], BOX);
        expect(line).toBe("M2 26L52 2L102 14");
        expect(last).toBe("M102 14h0");
    });

    test("a missing value breaks the line, a lonely one is a dot", () => {
        const points = [
            { value: 0 },
            { value: 10 },
            { value: null },
            { value: 0 },
            { value: null },
        ];
        const { dots, last, line } = sparklineShape(points, BOX);
        expect(line).toBe("M2 26L27 2");
        expect(dots).toEqual(["M77 26h0"]);
        expect(last).toBe("M77 26h0");
    });

    test("a flat trend lies in the middle, nothing known draws nothing", () => {
        expect(sparklineShape([{ value: 3 }, { value: 3 }], BOX).line).toBe("M2 14L102 14");
        const empty = sparklineShape([{ value: null }], BOX);
        expect([empty.line, empty.last, empty.targets]).toEqual(["", "", []]);
    });

    test("a target holds for full periods and stays in the box", () => {
        const points = [
            { value: 0, target: 0 },
            { value: 10, target: 10 },
        ];
        // half a step is 50: from 2 − 50 to 52, cut off at the edge
        expect(sparklineShape(points, BOX).targets).toEqual(["M0 26L52 26L52 2L104 2"]);
    });

    test("a trend goes on from its last closed value, in a band", () => {
        const points = [
            { value: 0 },
            { value: 4, expected: { value: 8, low: 6, high: 10 } },
            { value: null, isComing: true, expected: { value: 5, low: 0, high: 10 } },
        ];
        const { band, expected, last, line } = sparklineShape(points, BOX);
        // 0 → 26, 10 → 2, so 8 → 6.8, 6 → 11.6, 5 → 14, 4 → 16.4; points are 50 apart
        expect(line).toBe("M2 26L52 16.4");
        expect(last).toBe("M52 16.4h0");
        expect(expected).toBe("M2 26L52 6.8L102 14");
        expect(band).toBe("M2 26L52 2L102 2L102 26L52 11.6L2 26Z");
        expect(sparklineShape([{ value: 1 }], BOX)).toMatchObject({ band: "", expected: "" });
    });

    test("the way to a running period is apart, if it has a value and one before", () => {
        const shape = (...values) =>
            sparklineShape(
                values.map((value) => ({ value })),
                { ...BOX, isRunning: true },
            );
        // three points, 50 apart; 0 → 26, 10 → 2, and 5 half way: 14
        expect(shape(0, 10, 5)).toMatchObject({ line: "M2 26L52 2", open: "M52 2L102 14" });
        expect(shape(0, 10, 5)).toMatchObject({ isOpen: true, last: "M102 14h0" });
        expect(shape(0, null, 5)).toMatchObject({ line: "", open: "", isOpen: true });
        expect(shape(0, 10, null)).toMatchObject({ line: "M2 26L52 2", open: "", isOpen: false });
        expect(shape(null)).toMatchObject({ last: "", open: "", isOpen: false });
    });

    test("targets of the last period have a value and a place", () => {
        const points = [
            { value: 0, low: 2, high: 8 },
            { value: 10, low: 5, high: 10 },
            { value: null, isComing: true },
        ];
        expect(sparklineShape(points, BOX).ends).toEqual([
            { value: 5, y: 14 },
            { value: 10, y: 2 },
        ]);
    });
});

test("a running period is dotted, its point open, the trend described", async () => {
    const points = [
        { value: 1, target: 2 },
        { value: 3, target: 2 },
    ];
    await mountWithCleanup(Sparkline, { props: { isRunning: true, label: "Oct: 1", points } });
    expect("svg[role=img][aria-label='Oct: 1']").toHaveCount(1);
    expect(".o_kpi_sparkline_open").toHaveCount(1);
    expect(".o_kpi_sparkline_hole").toHaveCount(1);
    expect(".o_kpi_sparkline_target").toHaveCount(1);
    expect(".o_kpi_sparkline_last").toHaveCount(1);
});
