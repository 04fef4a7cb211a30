import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { ChangeAction } from "@kpi_tracking_analytics/screens/change/change_action";
import { layoutSteps } from "@kpi_tracking_analytics/screens/change/waterfall";

defineMailModels();

const POINTS = ["Dec 2025", "Jan 2026", "Feb 2026", "Mar 2026"].map((label, at) => ({
    label,
    start: ["2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01"][at],
    value: at,
    running: at === 3,
}));
const PARTS = [
    { label: "East", kind: "rate", part: -15, text: "−15" },
    { label: "East", kind: "mix", part: 10, text: "+10" },
    { label: "Other in North", kind: "beside", part: -25, text: "−25" },
];
const side = ({ label, start }) => ({ label, text: `${label}!`, period_start: start, value: 1 });

async function mountChange(values = {}, calls = [], params = {}) {
    onRpc("kpi.report", "get_history", () => ({ points: values.points || POINTS }));
    onRpc("kpi.report", "explain_change", ({ args }) => {
        calls.push(args.slice(1));
        const [from, to] = [1, 2].map((place) => POINTS.find(({ start }) => start === args[place]));
        return {
            from: side(from),
            to: side(to),
            parts: PARTS,
            split_by: args[3] || "stage",
            summary: "It fell.",
            ways: [
                { key: "stage", label: "Stage" },
                { key: "scope", label: "Departments" },
            ],
            ...values,
        };
    });
    await mountWithCleanup(ChangeAction, {
        props: { action: { params: { report_id: 7, ...params } }, actionId: 1 },
    });
    return calls;
}

test("from an explanation it shows the change to its period", async () => {
    const calls = await mountChange({}, [], { to: "2026-01-01" });
    expect(calls).toEqual([["2025-12-01", "2026-01-01", false]]);
});

test("without one, or of the first period, it shows the last closed ones", async () => {
    for (const to of [false, "2025-12-01"]) {
        const calls = await mountChange({}, [], { to });
        expect(calls).toEqual([["2026-01-01", "2026-02-01", false]]);
    }
});

test("steps begin where those before end", () => {
    // −15, −5, −30: of a width of 30, zero is at its end.
    const { bars, zero } = layoutSteps([-15, 10, -25]);
    expect(zero).toBe(100);
    expect(bars.map(({ start, width }) => [start, width].map(Math.round))).toEqual([
        [50, 50],
        [50, 33],
        [0, 83],
    ]);
    const whole = layoutSteps([-15, -25], 100);
    expect(whole).toEqual({
        zero: 0,
        first: { start: 0, width: 100 },
        bars: [
            { start: 85, width: 15 },
            { start: 60, width: 25 },
        ],
        last: { start: 0, width: 60 },
    });
    expect(layoutSteps([]).bars).toEqual([]);
    expect(layoutSteps([0]).bars[0].width).toBe(0);
});

test("the last two closed periods come first", async () => {
    const calls = await mountChange();
    expect(calls).toEqual([["2026-01-01", "2026-02-01", false]]);
    expect(".o_kpi_change_summary").toHaveText("It fell.");
    expect(queryAllTexts(".o_kpi_waterfall th")).toEqual([
        "Jan 2026",
        "East\nown value",
        "East\nshare of total",
        "Other in North",
        "Feb 2026",
    ]);
    expect(queryAllTexts(".o_kpi_waterfall_text")).toEqual([
        "Jan 2026!",
        "−15",
        "+10",
        "−25",
        "Feb 2026!",
    ]);
    expect(".o_kpi_down").toHaveCount(2);
    expect(".o_kpi_up").toHaveCount(1);
});

test("other periods and parts can be chosen", async () => {
    const calls = await mountChange();
    await contains("select[name=from]").select("2026-02-01");
    await animationFrame();
    expect(calls.at(-1)).toEqual(["2026-02-01", "2026-03-01", false]);
    await contains("select[name=to]").select("2026-01-01");
    await animationFrame();
    expect(calls.at(-1)).toEqual(["2025-12-01", "2026-01-01", false]);
    await contains("select[name=split_by]").select("scope");
    await animationFrame();
    expect(calls.at(-1)).toEqual(["2025-12-01", "2026-01-01", "scope"]);
});

test("many parts end in one, and none say why", async () => {
    const parts = Array.from({ length: 15 }, (_, at) => ({
        ...PARTS[2],
        label: `D${at}`,
        rest_text: "−25 and smaller",
    }));
    await mountChange({ parts });
    expect(".o_kpi_waterfall tr").toHaveCount(14);
    expect(queryAllTexts(".o_kpi_waterfall th").at(-2)).toBe("4 more parts");
    expect(queryAllTexts(".o_kpi_waterfall_text").at(-2)).toBe("−25 and smaller");
});

test("what is not split is said", async () => {
    await mountChange({ parts: [], split_by: "", summary: "Nobody can say.", ways: [] });
    expect(".o_kpi_waterfall").toHaveCount(0);
    expect(".o_kpi_change_summary").toHaveText("Nobody can say.");
    expect("select[name=split_by]").toHaveCount(0);
});

test("one value is no change", async () => {
    const calls = await mountChange({ points: [POINTS[0]] });
    expect(calls).toEqual([]);
    expect(".o_kpi_change").toHaveText("Not enough periods to compare yet.");
});
