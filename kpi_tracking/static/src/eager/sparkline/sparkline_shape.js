const TARGETS = ["target", "low", "high"];

/**
 * Lines of a sparkline in a box of `width` by `height`, `margin` left free around; where the
 * last period `isRunning` the way to it is apart.
 *
 * @param {{value: number|null, target: number|null, low?: number, high?: number,
 *      expected?: {value: number, low: number|null, high: number|null},
 *      isComing?: boolean}[]} points
 *      oldest first; null = no data, which breaks the line; periods to come are last
 * @returns {{line: string, open: string, isOpen: boolean, dots: string[], last: string,
 *      targets: string[], ends: {value: number, y: number}[], expected: string, band: string}}
 *      SVG paths; dots are of lonely points, `last` of the last known one, which `isOpen` while
 *      it is of the running period; `ends` are the targets of the last period not to come
 */
export function sparklineShape(points, { height, isRunning = false, margin, width }) {
    const place = placer(points, { width, height, margin });
    const step = points.length > 1 ? (width - 2 * margin) / (points.length - 1) : 0;
    const lastAt = points.findLastIndex((point) => typeof point.value === "number");
    const nowAt = points.findLastIndex((point) => !point.isComing);
    const isOpen = isRunning && lastAt >= 0 && lastAt === nowAt;
    const closed = points.map(({ value = null }, at) => (isOpen && at === nowAt ? null : value));
    const runs = runsOf(closed);
    const before = closed[lastAt - 1] ?? null;
    const last = [lastAt, points[lastAt]?.value];
    return {
        line: runs
            .filter((run) => run.length > 1)
            .map((run) => path(run, place))
            .join(""),
        open: isOpen && before !== null ? path([[lastAt - 1, before], last], place) : "",
        dots: runs.filter((run) => run.length === 1).map(([point]) => dot(point, place)),
        isOpen,
        last: lastAt < 0 ? "" : dot(last, place),
        targets: TARGETS.map((key) => runsOf(points.map((point) => point[key] ?? null)))
            .map((found) => found.map((run) => stairs(run, place, step, width)).join(""))
            .filter(Boolean),
        ends: TARGETS.map((key) => points[nowAt]?.[key])
            .filter((value) => typeof value === "number")
            .map((value) => ({ value, y: place(nowAt, value)[1] })),
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

/** A line without length, of which its round ends are seen: round however wide the box is. */
function dot(point, place) {
    return `${path([point], place)}h0`;
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
