import { markup } from "@odoo/owl";
import { describe, expect, test } from "@odoo/hoot";
import { allowTranslations } from "@web/../tests/web_test_helpers";
import { chartConfig } from "@kpi_tracking_dashboard/screens/dashboard/chart_config";
import { countStatuses, mainPeriod } from "@kpi_tracking_dashboard/screens/dashboard/board_summary";
import {
    fromAddress,
    toAddress,
} from "@kpi_tracking_dashboard/screens/dashboard/dashboard_options";
import { DashboardModel } from "@kpi_tracking_dashboard/screens/dashboard/dashboard_model";
import { openWindow } from "@kpi_tracking_dashboard/screens/dashboard/open_window";
import { TileLayout } from "@kpi_tracking_dashboard/screens/dashboard/tile_layout";
import { mergedPlaces } from "@kpi_tracking_dashboard/screens/dashboard/tile_merge";
import { bandsOf, pagesOf } from "@kpi_tracking_dashboard/screens/dashboard/tv/tv_pages";
import { answer, courses, LOOK, MONTHS, parts, tile, UNIT } from "./dashboard_answer";

describe.current.tags("headless");

test("an address holds what was chosen, and gives it back", () => {
    const chosen = {
        comparison: "year",
        cross: { breakdown: "city", key: "a:b" },
        grain: "month",
        periods: 24,
        scope: { type: "department", id: 3 },
        start: "2026-10-01",
    };
    const address = toAddress(chosen);
    expect(address).toEqual({
        comparison: "year",
        cross: "city:a:b",
        grain: "month",
        periods: 24,
        scope: "department-3",
        start: "2026-10-01",
    });
    expect(fromAddress(address)).toEqual(chosen);
});

test("an address of nonsense chooses nothing", () => {
    const nonsense = { start: "soon", comparison: "9", scope: "res.users-1", cross: "city" };
    expect(fromAddress(nonsense)).toEqual({});
    expect(fromAddress({ scope: "team-x" })).toEqual({});
    for (const periods of ["0", "61", "2.5", "many"]) {
        expect(fromAddress({ periods })).toEqual({});
    }
    for (const start of ["2026-13-45", "2026-02-30", "1899-01-01", "9999-12-31"]) {
        expect(fromAddress({ grain: "fortnight", start })).toEqual({});
    }
});

const TILES = [1, 2, 3].map((id) => ({ id, span: 4, height: 1, title: `Tile ${id}` }));
const order = (layout) => layout.places.map(({ id }) => id);

const MOVES = [
    { move: [1, 1], found: [2, 1, 3] },
    { move: [1, 9], found: [2, 3, 1] }, // stops at the end
    { move: [1, -1], found: [1, 2, 3] },
    { behind: [1, 3], found: [2, 3, 1] },
    { behind: [3, 1], found: [1, 3, 2] },
    { behind: [3, null], found: [3, 1, 2] },
];

test("what was asked for before something else was chosen is not shown", async () => {
    const answers = [];
    const orm = { silent: { call: () => new Promise((resolve) => answers.push(resolve)) } };
    const model = new DashboardModel(orm, 5);
    const shown = (title) => answer([{ id: 1, report_ids: [7], title }]);
    const first = model.load();
    answers.shift()(shown("October"));
    await first;
    const followed = model.follow({ report_ids: [7] });
    const chosen = model.choose({ start: "2026-09-01" });
    const [late, now] = answers.splice(0);
    now(shown("September"));
    await chosen;
    late(shown("October, anew"));
    await followed;
    expect(model.tiles[0].title).toBe("September");
});

test("tiles move by steps and behind others", () => {
    for (const { behind, found, move } of MOVES) {
        const layout = new TileLayout(TILES);
        if (move) {
            layout.move(...move);
        } else {
            layout.moveBehind(...behind);
        }
        expect(order(layout)).toEqual(found);
    }
});

test("sizes stay within the grid; only changes are changes", () => {
    const layout = new TileLayout(TILES);
    expect(layout.isChanged).toBe(false);
    layout.widen(1, 20);
    layout.heighten(1, -4);
    expect(layout.rows[0]).toEqual({ id: 1, span: 12, height: 1, sequence: 10 });
    expect(layout.isChanged).toBe(true);
    layout.widen(1, -8);
    expect(layout.isChanged).toBe(false);
});

/** Tiles of these ids; a size of its own as `{ id, span, height }`. */
const places = (...tiles) =>
    tiles.map((tile) => ({ span: 4, height: 1, ...(tile.id ? tile : { id: tile }) }));

const MERGES = [
    // [base, theirs, mine, result, contested]
    [[1, 2, 3], [1, 2, 3], [3, 1, 2], [3, 1, 2], []],
    [[1, 2, 3], [3, 1, 2], [1, 2, 3], [3, 1, 2], []], // only they moved
    [[1, 2, 3, 4], [2, 1, 3, 4], [1, 2, 4, 3], [2, 1, 4, 3], []], // each moved another one
    [[1, 2, 3], [3, 1, 2], [3, 1, 2], [3, 1, 2], []], // both wanted the same
    [[1, 2, 3, 4], [2, 3, 1, 4], [2, 3, 4, 1], [2, 3, 4, 1], [{ id: 1, part: "place" }]],
    [[1, 2, 3], [2, 9, 3], [3, 1, 2], [3, 2, 9], []], // 1 is removed, 9 is new
    [[1, 2], [], [2, 1], [], []],
];

test("of two arrangements each tile is where somebody put it", () => {
    for (const [base, theirs, mine, ids, contested] of MERGES) {
        const merged = mergedPlaces(places(...base), places(...theirs), places(...mine));
        expect(merged).toEqual({ places: places(...ids), contested });
    }
});

test("of two arrangements each tile has the size that somebody gave it", () => {
    const [wide, high, both] = [
        { id: 1, span: 12, height: 1 },
        { id: 1, span: 4, height: 3 },
        { id: 2, span: 6, height: 2 },
    ];
    for (const [theirs, mine, found, contested] of [
        [[wide, 2], [1, both], [wide, both], []],
        [[wide, 2], [wide, 2], [wide, 2], []],
        [[wide, 2], [high, 2], [high, 2], [{ id: 1, part: "size" }]],
        [[both, 1], [high, 2], [both, high], []], // they moved what I resized
    ]) {
        const merged = mergedPlaces(places(1, 2), places(...theirs), places(...mine));
        expect(merged).toEqual({ places: places(...found), contested });
    }
});

test("over what somebody else saved stands what I changed, until I give way", () => {
    const layout = new TileLayout(TILES);
    layout.move(3, -2);
    layout.widen(2, 1);
    const theirs = [
        { id: 2, span: 12, height: 2, title: "Tile 2" },
        { id: 4, span: 3, height: 1, title: "New" },
        { id: 3, span: 4, height: 1, title: "Tile 3" },
    ];
    const rebased = layout.rebased(theirs);
    expect(order(rebased)).toEqual([3, 2, 4]); // tile 1 was removed, tile 4 is new
    expect(rebased.placeOf(2)).toEqual({ id: 2, span: 5, height: 1 });
    expect(rebased.arranged(theirs).map(({ title }) => title)).toEqual(["Tile 3", "Tile 2", "New"]);
    rebased.widen(4, 1);
    const again = rebased.rebased(theirs);
    expect(again.contested).toEqual([{ id: 2, part: "size" }]);
    again.giveWay();
    expect(order(again)).toEqual([3, 2, 4]);
    expect(again.placeOf(2)).toEqual({ id: 2, span: 12, height: 2 });
    expect(again.placeOf(4).span).toBe(4);
    expect(again.contested).toEqual([]);
});

test("a new tile is stored with the arrangement, where it was put", () => {
    const layout = new TileLayout(TILES);
    const values = { kind: "line" };
    layout.draft({ tile: { span: 6, height: 2, title: "New" }, values });
    expect(layout.isChanged).toBe(true);
    layout.moveBehind(-1, 1);
    layout.widen(-1, 1);
    expect(layout.rows.map(({ id, sequence }) => [id, sequence])).toEqual([
        [1, 10],
        [2, 30],
        [3, 40],
    ]);
    expect(layout.added).toEqual([{ kind: "line", span: 7, height: 2, sequence: 20 }]);
    const rebased = layout.rebased(TILES.slice(1)); // tile 1 was removed meanwhile
    expect(order(rebased)).toEqual([-1, 2, 3]);
    expect(rebased.arranged(TILES.slice(1)).map(({ title }) => title)).toEqual([
        "New",
        "Tile 2",
        "Tile 3",
    ]);
    rebased.draft({ tile: { span: 3, height: 1, title: "Newer" }, values }, -1);
    expect(rebased.added[0].span).toBe(3);
    rebased.dropDraft(-1);
    expect(rebased.added).toEqual([]);
    expect(rebased.isChanged).toBe(false);
});

test("a chart of zeros has a scale from zero on", () => {
    const zeros = courses("line");
    Object.assign(zeros.chart.series[0], { values: [0, 0, 0], targets: null });
    const { y } = chartConfig(zeros, LOOK).options.scales;
    expect([y.min, y.max]).toEqual([0, 1]);
    expect([0, 0.5, 1].map((value) => y.ticks.callback(value))).toEqual(["0", "", ""]);
});

test("what is better is green in a waterfall, what is worse red", () => {
    const rows = [4, -1].map((value) => ({ name: "x", value, is_total: false }));
    const colors = (direction) => {
        const shown = parts("waterfall", rows);
        shown.parts.direction = direction;
        return chartConfig(shown, LOOK).data.datasets[0].backgroundColor;
    };
    expect(colors("higher")).toEqual(["--kpi-success", "--kpi-danger"]);
    expect(colors("lower")).toEqual(["--kpi-danger", "--kpi-success"]);
    expect(colors("range")).toEqual(["--kpi-series-1", "--kpi-series-4"]);
});

test("gaps are gaps, the running period is paler, the target a line of its own", () => {
    const { data, type } = chartConfig(courses("bar"), LOOK);
    expect(type).toBe("bar");
    expect(data.labels).toEqual(MONTHS);
    expect(data.datasets[0].data).toEqual([70, null, 82]);
    expect(data.datasets[0].backgroundColor.at(-1)).toBe("--kpi-series-1 0.5");
    expect(data.datasets[1]).toMatchObject({ isTarget: true, data: [100, 100, 100], type: "line" });
});

test("a click leads to the series that was hit, else to the nearest", () => {
    const places = [];
    const look = { ...LOOK, seriesCount: 2, onPlace: (place) => places.push(place) };
    const [series] = courses("bar").chart.series;
    const tile = courses("bar", { series: [series, { ...series, name: "Lost", report_id: 8 }] });
    const { onClick } = chartConfig(tile, look).options;
    const element = (datasetIndex, x, y) => ({
        datasetIndex,
        element: {
            getCenterPoint: () => ({ x, y }),
            inRange: (left, top) => Math.abs(left - x) < 5 && top > y,
        },
        index: 1,
    });
    // The target is drawn over both bars and found first.
    const found = [element(2, 20, 40), element(0, 15, 90), element(1, 25, 30)];
    onClick({ x: 14, y: 95 }, found);
    onClick({ x: 26, y: 35 }, found);
    onClick({ x: 16, y: 70 }, found); // above the first bar
    onClick({ x: 16, y: 70 }, [found[0]]);
    expect(places).toEqual([
        { index: 1, series: 0 },
        { index: 1, series: 1 },
        { index: 1, series: 0 },
    ]);
});

test("up to five lines and stacks are named at their ends, others below", () => {
    const [series] = courses("line").chart.series;
    const isNamedBelow = (kind, ...names) => {
        const all = names.map((name) => ({ ...series, name, targets: null }));
        const { options } = chartConfig(courses(kind, { series: all }), LOOK);
        return options.plugins.legend.display;
    };
    const five = ["A", "B", "C", "D", "E"];
    for (const kind of ["line", "area", "stacked"]) {
        expect(isNamedBelow(kind, "A single one needs no name, however long")).toBe(false);
        expect(isNamedBelow(kind, ...five)).toBe(false);
        expect(isNamedBelow(kind, ...five, "F")).toBe(true);
    }
    expect(isNamedBelow("bar", "Won", "Lost")).toBe(true);
    const long = "Win Rate by Opening of all deals of last year";
    expect(isNamedBelow("line", `${long} A`, `${long} B`)).toBe(true);
});

test("bars start at zero, lines may not", () => {
    const zero = (kind) => chartConfig(courses(kind), LOOK).options.scales.y.beginAtZero;
    expect(["bar", "stacked", "line"].map(zero)).toEqual([true, true, false]);
});

test("changes of a waterfall stand on those before, totals on zero", () => {
    const rows = [
        { name: "Start", value: 100, is_total: true },
        { name: "Lost", value: -30 },
        { name: "Won", value: 10 },
        { name: "End", value: 80, is_total: true },
    ];
    const look = { ...LOOK, signed: (value) => `signed ${value}` };
    const { data, options } = chartConfig(parts("waterfall", rows), look);
    expect(data.datasets[0].data).toEqual([
        [0, 100],
        [100, 70],
        [70, 80],
        [0, 80],
    ]);
    const { label } = options.plugins.tooltip.callbacks;
    expect([0, 1].map((dataIndex) => label({ dataIndex }))).toEqual(["100", "signed -30"]);
});

test("a radar of two axes is drawn as bars; scatter has both units", () => {
    const two = courses("radar", { categories: ["A", "B"] });
    expect(chartConfig(two, LOOK).type).toBe("bar");
    expect(chartConfig(courses("radar"), LOOK).type).toBe("radar");
    const points = [{ name: "North", x: 1, y: 2 }];
    const scatter = chartConfig(tile("scatter", { chart: { units: [UNIT, UNIT], points } }), LOOK);
    const { label } = scatter.options.plugins.tooltip.callbacks;
    expect(label({ dataIndex: 0, parsed: { x: 1, y: 2 } })).toBe("North: 1 / 2");
});

test("help of an empty list that an answer describes is markup, as Odoo's own", () => {
    const opened = [];
    const action = { doAction: (described) => opened.push(described) };
    openWindow(action, { help: "<p>No mails yet</p>", name: "Mails" });
    openWindow(action, { name: "Drill" });
    expect(opened[0].help).toBeInstanceOf(markup("").constructor);
    expect(String(opened[0].help)).toBe("<p>No mails yet</p>");
    expect(opened[1]).toEqual({ name: "Drill" });
});

test("what has no value in a period is no line of the tooltip there", () => {
    const { filter } = chartConfig(courses("bar"), LOOK).options.plugins.tooltip;
    const isTold = (parsed) => filter({ dataset: {}, parsed });
    expect(isTold({ x: 1, y: null })).toBe(false);
    expect(isTold({ x: 1, y: 0 })).toBe(true);
    expect(isTold({ r: 2 })).toBe(true);
    expect(isTold(3)).toBe(true); // a part of a wheel
});

test("pages of a TV are whole rows; a heading is on the page of what it heads", () => {
    const box = (top, bottom, isHeading = false) => ({ top, bottom, isHeading });
    const bands = bandsOf([
        box(0, 20, true),
        box(30, 130),
        box(30, 60), // next to it, and less tall
        box(70, 130),
        box(140, 240),
        box(250, 270, true),
        box(280, 380),
    ]);
    expect(bands.map(({ bottom, top }) => [top, bottom])).toEqual([
        [0, 20],
        [30, 130],
        [140, 240],
        [250, 270],
        [280, 380],
    ]);
    const places = (room) => pagesOf(bands, room).map(({ bottom, top }) => [top, bottom]);
    expect(places(1000)).toEqual([[0, 380]]);
    expect(places(300)).toEqual([
        [0, 240],
        [250, 380],
    ]);
    expect(places(130)).toEqual([
        [0, 130],
        [140, 240],
        [250, 380],
    ]);
    // what is taller than the screen has a page for itself
    expect(places(50)).toEqual([
        [0, 20],
        [30, 130],
        [140, 240],
        [250, 270],
        [280, 380],
    ]);
    expect(pagesOf([], 100)).toEqual([]);
});

test("the period of a board is that of most of its KPIs, its counts are of rated ones", () => {
    allowTranslations();
    const one = (report_id, label, status, more) => ({
        kpi: { has_value: true, period: { label }, report_id, status, ...more },
    });
    const running = { is_running: true };
    const tiles = [
        one(1, "Oct 2026", "on_target"),
        one(2, "Nov 2026", "on_target", running),
        one(3, "Nov 2026", "no_target", running),
        { card: { rows: [one(4, "Nov 2026", "at_risk", running).kpi] } },
        one(5, "Sep 2026", "off_target", { has_value: false }),
        { kind: "text" },
    ];
    expect(mainPeriod(tiles)).toBe("Nov 2026 so far");
    expect(countStatuses(tiles).map(({ tone, word }) => [tone, word])).toEqual([
        ["success", "2 on track"],
        ["warning", "1 at risk"],
    ]);
    expect(mainPeriod([])).toBe("");
    expect(countStatuses([])).toEqual([]);
});
