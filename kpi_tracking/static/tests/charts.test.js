import { expect, getFixture, test } from "@odoo/hoot";
import { makeMockEnv } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { loadBundle } from "@web/core/assets";
import {
    barDataset,
    baseOptions,
    chartLook,
    forecastDatasets,
    limitDataset,
    lineDataset,
    markPoint,
    namesAtEnds,
    nameScale,
    placeNumber,
    spread,
    STYLE,
    targetDataset,
    valueScale,
    worstPlace,
    WRITING,
} from "@kpi_tracking/charts/chart_options";
import { chartLabels, todayLine } from "@kpi_tracking/charts/chart_plugins";

defineMailModels();

const NAMES = ["Field Sales", "Inside Sales", "Partners", "Online Shop", "Spare Parts", "Rest"];
const MONTHS = ["Aug", "Sep", "Oct", "Nov"];

function makeCanvas({ size = 12, width = 600 } = {}) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { height: 240, width });
    canvas.style.fontSize = `${size}px`;
    getFixture().append(canvas);
    return canvas;
}

/** Draw a chart, and list what it writes with the place of each text. */
async function draw(canvas, look, { datasets, plugins = [], type = "line" }) {
    await loadBundle("web.chartjs_lib");
    const written = [];
    const context = canvas.getContext("2d");
    const fillText = context.fillText.bind(context);
    context.fillText = (text, x, y) => {
        const wide = context.measureText(text).width;
        const shift = { center: wide / 2, right: wide, end: wide }[context.textAlign] || 0;
        const high = parseFloat(context.font.match(/([\d.]+)px/)[1]);
        const middle = { bottom: y - high / 2, top: y + high / 2 }[context.textBaseline] ?? y;
        const [left, top] = [x - shift, middle - high / 2];
        const box = { bottom: top + high, left, right: left + wide, top };
        written.push({ ...box, high, color: context.fillStyle, text: String(text) });
        fillText(text, x, y);
    };
    const scales = { x: nameScale(look), y: valueScale(look, { format: String }) };
    const options = { ...baseOptions(look), responsive: false, scales };
    options.layout = { padding: { right: look.px(180), top: look.px(16) } };
    const chart = new Chart(canvas, { type, data: { labels: MONTHS, datasets }, options, plugins });
    return { chart, written };
}

function isApart(boxes) {
    return boxes.every((one, at) =>
        boxes
            .slice(at + 1)
            .every(
                (other) =>
                    one.left >= other.right ||
                    other.left >= one.right ||
                    one.top >= other.bottom - 0.01 ||
                    other.top >= one.bottom - 0.01,
            ),
    );
}

test("lines of writing stand apart, in their order and within the chart", () => {
    const area = { bottom: 100, top: 0 };
    for (const heights of [[50], [50, 50, 50], [99, 98, 97], [1, 2, 3, 90], [-5, 120]]) {
        const placed = spread(heights, 16, area);
        const sorted = placed.toSorted((a, b) => a - b);
        sorted.slice(1).forEach((y, at) => expect(y - sorted[at]).toBeGreaterThan(15.99));
        expect(sorted[0]).toBeGreaterThan(-0.01);
        expect(sorted.at(-1)).toBeLessThan(100.01);
    }
    expect(spread([10, 60, 30], 16, area)).toEqual([10, 60, 30]);
});

test("up to five series are named at their ends, more have a legend", () => {
    const look = { measure: (text) => 6 * text.length, px: (length) => length, width: 600 };
    const named = (names) =>
        namesAtEnds(
            names.map((text) => ({ color: "red", text })),
            look,
        );
    expect(named([]).room).toBe(8);
    expect(named(NAMES.slice(0, 1)).names.map(({ text }) => text)).toEqual(["Field Sales"]);
    expect(named(NAMES.slice(0, 5)).names).toHaveLength(5);
    expect(named(NAMES)).toBe(null);
    const long = "Revenue of the online shop for spare parts in all countries";
    const [cut] = named([long, "Partners"]).names;
    expect(cut.text).toMatch(/^Revenue of .*…$/);
    expect(look.measure(cut.text)).toBeLessThan(STYLE.nameShare * 600);
    expect(named([`${long} A`, `${long} B`])).toBe(null); // cut they would be the same
});

test("names of five lines that end at one height do not lie on each other", async () => {
    await makeMockEnv(); // texts of a language, and the library
    const canvas = makeCanvas();
    const look = chartLook(canvas, 600);
    const datasets = NAMES.slice(0, 5).map((label, at) =>
        lineDataset({ color: look.color("--kpi-series-1"), data: [at, 3, 9, 5], label }, look),
    );
    const names = datasets.map(({ label }, dataset) => ({ color: "red", dataset, text: label }));
    const { chart, written } = await draw(canvas, look, {
        datasets,
        plugins: [chartLabels({ names }, look)],
    });
    const drawn = written.filter(({ text }) => NAMES.includes(text));
    expect(drawn).toHaveLength(5);
    expect(isApart(drawn)).toBe(true);
    expect(drawn.every(({ left }) => left > chart.chartArea.right)).toBe(true);
    expect(new Set(written.map(({ high }) => high))).toEqual(new Set([12]));
    chart.destroy();
});

test("a level that opens an alert is dotted and named in its color", async () => {
    await makeMockEnv(); // texts of a language, and the library
    const canvas = makeCanvas();
    const look = chartLook(canvas, 600);
    const values = [6, 6, 6, 6];
    const datasets = [
        lineDataset({ color: "#0072b2", data: [4, 1, 8, 7], label: "A" }, look),
        limitDataset({ text: "Alert below 6 k€", values }, look),
    ];
    const tone = "--kpi-danger-text";
    const names = [{ dataset: 1, isDashed: true, text: "Alert below 6 k€", tone }];
    const mark = markPoint(datasets[0], 1, tone, look);
    expect(mark).toEqual({ at: 1, tone });
    expect(datasets[0].pointBackgroundColor[1]).toBe(look.color(tone));
    expect(datasets[0].pointRadius[1]).toBe(STYLE.mark);
    expect(datasets[1].isTarget).toBe(false);
    expect(datasets[1].data).toEqual(values);
    const { chart, written } = await draw(canvas, look, {
        datasets,
        plugins: [chartLabels({ names }, look)],
    });
    const [name] = written.filter(({ text }) => text === "Alert below 6 k€");
    const { y } = chart.getDatasetMeta(1).data.at(-1);
    expect(Math.abs((name.top + name.bottom) / 2 - y)).toBeLessThan(1);
    expect(name.color).toBe(look.color(tone));
    chart.destroy();
});

test("the target is named at its line; numbers of points keep clear of it", async () => {
    await makeMockEnv(); // texts of a language, and the library
    const canvas = makeCanvas();
    const look = chartLook(canvas, 600);
    const datasets = [
        lineDataset({ color: "#0072b2", data: [4, 1, 8, 7], isRunning: true, label: "A" }, look),
        targetDataset({ color: "#495057", data: [7, 7, 7, 7], label: "Target" }, look),
    ];
    const numbers = [3, 1].map((at) => ({
        at,
        dataset: 0,
        text: `${datasets[0].data[at]} k€`,
        tone: "--kpi-ink",
    }));
    const names = [{ dataset: 1, isDashed: true, text: "Target 7 k€" }];
    const { chart, written } = await draw(canvas, look, {
        datasets,
        plugins: [chartLabels({ names, numbers }, look), todayLine(3, look)],
    });
    const [target] = written.filter(({ text }) => text === "Target 7 k€");
    const { y } = chart.getDatasetMeta(1).data.at(-1);
    expect(Math.abs((target.top + target.bottom) / 2 - y)).toBeLessThan(1);
    expect(written.filter(({ text }) => / k€$/.test(text))).toHaveLength(3);
    expect(written.some(({ text }) => text === "Today")).toBe(true);
    expect(isApart(written.filter(({ text }) => / k€$/.test(text)))).toBe(true);
    chart.destroy();
});

test("letters and lengths of a chart follow the size that its place has", async () => {
    await makeMockEnv(); // texts of a language, and the library
    const canvas = makeCanvas({ size: 32.4 });
    const look = chartLook(canvas, 600);
    expect(look.px(10)).toBeCloseTo(27);
    const dataset = lineDataset({ color: "red", data: [1, 2], label: "A" }, look);
    expect(dataset.borderWidth).toBeCloseTo(5.4);
    const { chart, written } = await draw(canvas, look, { datasets: [dataset] });
    expect(new Set(written.map(({ high }) => high))).toEqual(new Set([32.4]));
    chart.destroy();
});

test("scales have three to five ticks of twelve pixels", async () => {
    await makeMockEnv(); // texts of a language, and the library
    const look = chartLook(makeCanvas(), 600);
    for (const data of [
        [3, 8, 9, 4],
        [0.0002, 0.0003, 0.00025, 0.0004],
        [980, 1010, 990, 1000],
        [-40, 30, 10, -12],
        [123456, 99, 7000, 1e6],
    ]) {
        const datasets = [lineDataset({ color: "red", data, label: "A" }, look)];
        const { chart } = await draw(makeCanvas(), look, { datasets });
        const { ticks } = chart.scales.y;
        expect(ticks.length).toBeGreaterThan(2);
        expect(ticks.length).toBeLessThan(6);
        expect(chart.options.scales.y.ticks.font.size).toBe(12);
        chart.destroy();
    }
});

test("the way to a running period is dotted, its point open, its bar paler", () => {
    const look = {
        color: (name) => name,
        fade: (color, share) => `${color} ${share}`,
        px: (length) => length,
    };
    const described = { color: "blue", data: [1, null, 3, 4], isRunning: true, label: "A" };
    const line = lineDataset(described, look);
    expect([1, 2, 3].map((p1DataIndex) => line.segment.borderDash({ p1DataIndex }))).toEqual([
        undefined,
        undefined,
        STYLE.dotted,
    ]);
    expect(line.pointBackgroundColor.at(-1)).toBe("--kpi-paper");
    expect(line.pointRadius).toEqual([STYLE.dot, 0, 0, STYLE.mark]);
    expect(barDataset(described, look).backgroundColor).toEqual([
        ...["blue", "blue", "blue"],
        "blue 0.5",
    ]);
    const [ahead, low, high] = forecastDatasets(
        {
            along: [undefined, undefined, undefined, { value: 5, low: 4, high: 6 }],
            color: "blue",
            label: "Expected",
            values: described.data,
        },
        look,
    );
    expect(ahead).toMatchObject({ borderDash: STYLE.dotted, data: [null, null, 3, 5] });
    expect(low).toMatchObject({ borderWidth: 0, data: [null, null, 3, 4] });
    expect(high).toMatchObject({ backgroundColor: "blue 0.13", fill: "-1" });
});

test("the worst point is the one that missed its target by most", () => {
    const point = (value, status, values) => ({ status, target: 10, value, ...values });
    const missed = [point(8, "off_target"), point(12, "on_target"), point(5, "off_target")];
    expect(worstPlace(missed)).toBe(2);
    expect(worstPlace([...missed, point(1, "off_target", { running: true })])).toBe(2);
    expect(worstPlace([point(12, "on_target"), point(null, "no_data")])).toBe(-1);
    expect(worstPlace([])).toBe(-1);
    const range = { high: 10, low: 5, target: null };
    const beyond = [point(12, "off_target", range), point(4, "at_risk", range)];
    expect(worstPlace([...beyond, point(20, "off_target", range)])).toBe(2);
});

test("a number stands where it lies on fewer lines, or nowhere", () => {
    const area = { bottom: 200, left: 0, right: 300, top: 0 };
    const { gap, line } = WRITING;
    const level = (y) => [
        { x: 0, y },
        { x: 300, y },
    ];
    const place = (lines, taken = []) =>
        placeNumber({ x: 100, y: 100 }, 40, { area, gap, line, lines, taken });
    expect(place([]).bottom).toBe(92);
    expect(place([level(84)]).top).toBe(108);
    expect(place([level(84), level(116)]).bottom).toBe(92);
    expect(place([], [{ bottom: 100, left: 0, right: 300, top: 80 }]).top).toBe(108);
    expect(place([], [area])).toBe(undefined);
    const atEnd = placeNumber({ x: 299, y: 5 }, 40, { area, gap, line, lines: [], taken: [] });
    expect(atEnd).toEqual({ bottom: 29, left: 260, right: 300, top: 13 });
});
