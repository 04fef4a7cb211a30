const HATCH_STEP = 4;

/**
 * Lines of a sparkline in a box of `width` by `height`, `margin` left free around.
 *
 * @param {{value: number|null, target: number|null, low?: number, high?: number,
 *      expected?: {value: number, low: number|null, high: number|null},
 *      isComing?: boolean}[]} points
 *      oldest first; null = no data, which breaks the line; periods to come are last
 * @returns {{line: string, dots: [number, number][], last: [number, number]|null,
 *      targets: string[], slot: [number, number], expected: string, band: string}} SVG
 *      paths, lonely points, the last known point, the horizontal span of the last period
 *      that is not to come, and what is expected with its limits
 */
export function sparklineShape(points, { width, height, margin }) {
    const place = placer(points, { width, height, margin });
    const runs = runsOf(points.map((point) => point.value ?? null));
    const step = points.length > 1 ? (width - 2 * margin) / (points.length - 1) : 0;
    const lastAt = points.findLastIndex((point) => typeof point.value === "number");
    const runningAt = points.findLastIndex((point) => !point.isComing);
    const middle = margin + runningAt * step;
    return {
        line: runs
            .filter((run) => run.length > 1)
            .map((run) => path(run, place))
            .join(""),
        dots: runs.filter((run) => run.length === 1).map(([[at, value]]) => place(at, value)),
        last: lastAt < 0 ? null : place(lastAt, points[lastAt].value),
        targets: ["target", "low", "high"]
            .map((key) => runsOf(points.map((point) => point[key] ?? null)))
            .map((found) => found.map((run) => stairs(run, place, step, width)).join(""))
            .filter(Boolean),
        slot: [
            round(Math.max(middle - step / 2, 0)),
            runningAt < points.length - 1 ? round(middle + step / 2) : width,
        ],
        ...aheadShape(points, place),
    };
}

/** A line on from the last value of which nothing else is expected, and its band. */
function aheadShape(points, place) {
    if (!points.some(({ expected }) => expected)) {
        return { expected: "", band: "" };
    }
    const from = points.findLastIndex(
        ({ expected, value }) => !expected && typeof value === "number",
    );
    const along = (key) => {
        const start = from < 0 ? [] : [[from, points[from].value]];
        const known = points.flatMap(({ expected }, at) =>
            typeof expected?.[key] === "number" ? [[at, expected[key]]] : [],
        );
        return [...start, ...known];
    };
    const [lows, highs] = [along("low"), along("high")];
    return {
        expected: path(along("value"), place),
        band: lows.length > 1 ? `${path([...highs, ...lows.reverse()], place)}Z` : "",
    };
}

/** Diagonal lines that fill a box from `left` to `right`, `height` tall. */
export function hatch([left, right], height) {
    const width = right - left;
    const lines = [];
    for (let from = -width; from < height; from += HATCH_STEP) {
        const start = Math.max(0, -from);
        const stop = Math.min(width, height - from);
        lines.push(`M${left + start} ${from + start}L${left + stop} ${from + stop}`);
    }
    return lines.join("");
}

/** Function from index and value to coordinates; a flat trend lies in the middle. */
function placer(points, { width, height, margin }) {
    const numbers = points
        .flatMap(({ value, target, low, high, expected = {} }) => [
            ...[value, target, low, high],
            ...[expected.value, expected.low, expected.high],
        ])
        .filter((number) => typeof number === "number");
    const lowest = Math.min(...numbers);
    const span = Math.max(...numbers) - lowest;
    const inner = height - 2 * margin;
    const step = points.length > 1 ? (width - 2 * margin) / (points.length - 1) : 0;
    return (at, value) => [
        round(points.length > 1 ? margin + at * step : width / 2),
        round(span ? margin + inner * (1 - (value - lowest) / span) : height / 2),
    ];
}

/** Neighbouring known numbers, as lists of [index, number]. */
function runsOf(numbers) {
    const runs = [];
    numbers.forEach((number, at) => {
        if (number === null) {
            return;
        }
        const isNext = at > 0 && numbers[at - 1] !== null;
        if (!isNext) {
            runs.push([]);
        }
        runs.at(-1).push([at, number]);
    });
    return runs;
}

function path(run, place) {
    return run.map(([at, value], i) => (i ? "L" : "M") + place(at, value).join(" ")).join("");
}

/** A level per period: a target holds for all of it. */
function stairs(run, place, step, width) {
    return run
        .map(([at, value], i) => {
            const [x, y] = place(at, value);
            const left = round(Math.max(x - step / 2, 0));
            const right = round(Math.min(x + step / 2, width));
            return `${i ? "L" : "M"}${left} ${y}L${right} ${y}`;
        })
        .join("");
}

function round(number) {
    return Math.round(number * 100) / 100;
}
