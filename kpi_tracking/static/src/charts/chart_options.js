/**
 * Values of all charts, in pixels where it says nothing else. Drawings of the server have
 * the same in `kpi_tracking_dashboard/engine/drawing/options.py`; a test compares them.
 */
export const STYLE = {
    letter: 12,
    line: 2,
    targetLine: 1.3,
    targetDash: [5, 3],
    dotted: [2, 4], // of forecasts, and up to the running period
    band: 0.13, // opacity of the range of a forecast
    running: 0.5, // opacity of bars of the running period
    dot: 2, // radius of a point without neighbors
    mark: 4.5, // radius of the last and of the worst point
    ticks: 5, // of a scale, at most
    named: 5, // series that are named at their ends, at most
    nameShare: 0.33, // of the width, for these names
};
const HEIGHT = 16; // of a line of writing
const GAP = 8; // from a point to its number
const NAME_GAP = 12; // from a line to its name
const SWATCH = [8, 3]; // a mark in the color of a series
// Canvases are not adjusted by the browser where a user forces colors.
const FORCED = {
    "--kpi-faint": "CanvasText",
    "--kpi-ink": "CanvasText",
    "--kpi-line": "color-mix(in srgb, CanvasText 25%, transparent)",
    "--kpi-paper": "Canvas",
    "--kpi-target": "CanvasText",
};
const POOR = { off_target: "--kpi-danger-text", at_risk: "--kpi-warning-text" };

/**
 * Fonts, colors and lengths of a chart, as the style sheet has them at its canvas: on a TV
 * letters are larger, and all lengths with them.
 *
 * @typedef {Object} Look
 * @property {(name: string) => string} color value of a property of the tokens
 * @property {(color: string, share: number) => string} fade a color with an opacity
 * @property {{family: string, size: number}} font
 * @property {(text: string) => number} measure its width
 * @property {(length: number) => number} px
 * @property {number} width of the canvas
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} [width]
 * @returns {Look}
 */
export function chartLook(canvas, width = canvas.parentElement.clientWidth) {
    const style = getComputedStyle(canvas);
    const font = { family: style.fontFamily, size: parseFloat(style.fontSize) };
    const context = canvas.getContext("2d");
    const isForced = matchMedia("(forced-colors: active)").matches;
    return {
        color: (name) => (isForced && FORCED[name]) || style.getPropertyValue(name).trim(),
        fade: (color, share) => `color-mix(in srgb, ${color} ${100 * share}%, transparent)`,
        font,
        measure(text) {
            context.font = fontOf(font);
            return context.measureText(text).width;
        },
        px: (length) => (length * font.size) / STYLE.letter,
        width,
    };
}

/** A font as a canvas takes it. */
export function fontOf({ family, size, weight = 400 }) {
    return `${weight} ${size}px ${family}`;
}

/** Options that all charts share. */
export function baseOptions({ color, font, px }) {
    return {
        animation: false,
        maintainAspectRatio: false,
        plugins: {
            legend: {
                display: false,
                position: "bottom",
                labels: {
                    boxHeight: px(SWATCH[0]),
                    boxWidth: px(SWATCH[0]),
                    color: color("--kpi-ink"),
                    font,
                    usePointStyle: true,
                },
            },
            tooltip: {
                bodyFont: font,
                footerFont: font,
                padding: px(8),
                titleFont: { ...font, weight: 500 },
            },
        },
    };
}

/** A scale of names. */
export function nameScale({ color, font, px }, { isStacked } = {}) {
    return {
        border: { color: color("--kpi-line") },
        grid: { display: false },
        stacked: isStacked,
        ticks: { autoSkipPadding: px(24), color: color("--kpi-faint"), font, maxRotation: 0 },
    };
}

/** A scale of numbers, upright. */
export function valueScale({ color, font, px }, { format, isStacked, precision, startsAtZero }) {
    return {
        beginAtZero: Boolean(startsAtZero),
        border: { display: false },
        grid: { color: color("--kpi-line"), drawTicks: false, lineWidth: px(1) },
        stacked: isStacked,
        ticks: {
            callback: format,
            color: color("--kpi-faint"),
            font,
            maxTicksLimit: STYLE.ticks,
            padding: px(8),
            precision,
        },
    };
}

/** What a scale is about. */
export function scaleTitle({ color, font }, text) {
    return { color: color("--kpi-faint"), display: Boolean(text), font, text };
}

function isKnown(value) {
    return typeof value === "number";
}

/**
 * A line of values: the last point is marked, that of a running period is open and the way
 * to it dotted.
 */
export function lineDataset({ color, data, isRunning, label }, { color: read, px }) {
    const last = data.findLastIndex(isKnown);
    const isOpen = (at) => Boolean(isRunning) && at === data.length - 1;
    const isAlone = (at) => !isKnown(data[at - 1]) && !isKnown(data[at + 1]);
    const radius = (at) => (at === last ? STYLE.mark : isAlone(at) ? STYLE.dot : 0);
    return {
        label,
        data,
        backgroundColor: color,
        borderColor: color,
        borderJoinStyle: "round",
        borderWidth: px(STYLE.line),
        pointBackgroundColor: data.map((_value, at) => (isOpen(at) ? read("--kpi-paper") : color)),
        pointBorderWidth: px(STYLE.line),
        pointHoverRadius: px(STYLE.mark),
        pointRadius: data.map((_value, at) => px(radius(at))),
        segment: {
            borderDash: ({ p1DataIndex }) =>
                isOpen(p1DataIndex) ? STYLE.dotted.map(px) : undefined,
        },
    };
}

/** Bars of values; those of a running period are paler. */
export function barDataset({ color, data, isRunning, label }, { fade, px }) {
    const isOpen = (at) => Boolean(isRunning) && at === data.length - 1;
    return {
        label,
        data,
        backgroundColor: data.map((_value, at) =>
            isOpen(at) ? fade(color, STYLE.running) : color,
        ),
        borderColor: color,
        hoverBackgroundColor: color,
        maxBarThickness: px(56),
    };
}

/** A level over each period that has a target. */
export function targetDataset({ color, data, label }, { px }) {
    return {
        type: "line",
        label,
        data,
        isTarget: true,
        backgroundColor: "transparent",
        borderColor: color,
        borderDash: STYLE.targetDash.map(px),
        borderWidth: px(STYLE.targetLine),
        pointHoverRadius: 0,
        pointRadius: 0,
        stepped: "middle",
    };
}

/** A level that opens an alert, over each period that has one. */
export function limitDataset({ text, values }, look) {
    const { color, px } = look;
    return {
        ...targetDataset({ color: color("--kpi-danger-text"), data: values, label: text }, look),
        isOfAlert: true,
        isTarget: false,
        borderDash: STYLE.dotted.map(px),
    };
}

/**
 * A dotted line on from the last value of which nothing else is expected, and the range in
 * which it lies.
 *
 * @param {Object} forecast
 * @param {({value: number, low: number|null, high: number|null}|undefined)[]} forecast.along
 * @param {string} forecast.color
 * @param {string} forecast.label
 * @param {(number|null)[]} forecast.values
 * @param {Look} look
 */
export function forecastDatasets({ along, color, label, values }, look) {
    const { color: read, fade, px } = look;
    const from = values.findLastIndex((value, at) => isKnown(value) && !along[at]);
    const dataOf = (key) =>
        along.map((each, at) => (at === from ? values[at] : (each?.[key] ?? null)));
    const isAlone = from < 0 && along.filter(Boolean).length === 1;
    const line = { type: "line", borderColor: color, label, spanGaps: true };
    const limit = {
        ...line,
        borderWidth: 0,
        isLimit: true,
        pointHoverRadius: 0,
        pointRadius: 0,
    };
    return [
        {
            ...line,
            along,
            data: dataOf("value"),
            isExpected: true,
            borderDash: STYLE.dotted.map(px),
            borderWidth: px(STYLE.line),
            fill: false,
            pointBackgroundColor: read("--kpi-paper"),
            pointBorderWidth: px(STYLE.line),
            // Of the running period, and of one alone; others lie on their line.
            pointRadius: along.map((each, at) =>
                each && (isKnown(values[at]) || isAlone) ? px(STYLE.dot) : 0,
            ),
        },
        { ...limit, data: dataOf("low"), fill: false },
        {
            ...limit,
            data: dataOf("high"),
            backgroundColor: fade(color, STYLE.band),
            fill: "-1",
        },
    ];
}

/**
 * Names at the ends of lines, cut to the room that is left for them.
 *
 * @param {{color?: string, dataset: number, isDashed?: boolean, text: string}[]} names `color`
 *      of a mark before the name
 * @param {Look} look
 * @returns {{names: Object[], room: number}|null} null where a legend says more: of many
 *      series, and where cut names could not be told apart
 */
export function namesAtEnds(names, { measure, px, width }) {
    const series = names.filter(({ isDashed }) => !isDashed);
    if (series.length > STYLE.named) {
        return null;
    }
    const before = px(NAME_GAP) + (names.some(({ color }) => color) ? px(SWATCH[0] + 4) : 0);
    const most = STYLE.nameShare * width - before;
    // The number of a target is never cut.
    const cut = names.map((name) =>
        name.isDashed ? name : { ...name, text: shorten(name.text, most, measure) },
    );
    if (new Set(cut.map(({ text }) => text)).size < new Set(names.map(({ text }) => text)).size) {
        return null;
    }
    const widest = Math.max(0, ...cut.map(({ text }) => measure(text)));
    return { names: cut, room: names.length ? before + widest : px(GAP) };
}

/** A text, cut where it would be wider than `room`. */
export function shorten(text, room, measure) {
    let cut = text;
    while (cut.length > 1 && measure(cut) > room) {
        cut = `${cut.slice(0, -2).trimEnd()}…`;
    }
    return cut;
}

/**
 * Where lines of writing stand that want to be at some heights: none on another one, and
 * in the order of their heights.
 *
 * @param {number[]} heights
 * @param {number} line height of one
 * @param {{bottom: number, top: number}} area
 */
export function spread(heights, line, { bottom, top }) {
    const order = heights.map((_height, at) => at).sort((a, b) => heights[a] - heights[b]);
    const placed = [];
    let free = top;
    for (const at of order) {
        placed[at] = Math.max(heights[at], free);
        free = placed[at] + line;
    }
    let last = bottom;
    for (const at of order.toReversed()) {
        placed[at] = Math.min(placed[at], last);
        last = placed[at] - line;
    }
    return placed;
}

/**
 * The point that missed its target by most; −1 where none did.
 *
 * @param {{high?: number|null, low?: number|null, running?: boolean, status: string,
 *      target?: number|null, value: number|null}[]} points
 */
export function worstPlace(points) {
    const missed = points.map(({ high, low, running, status, target, value }) => {
        if (!POOR[status] || running || !isKnown(value)) {
            return -1;
        }
        const aim = isKnown(target) ? target : value < low ? low : high;
        return isKnown(aim) ? Math.abs(value - aim) / (Math.abs(aim) || 1) : 0;
    });
    const most = Math.max(...missed);
    return most < 0 ? -1 : missed.lastIndexOf(most);
}

/**
 * Mark the worst point of a line in the color of its status.
 *
 * @param {Object} dataset of a line or of bars
 * @param {{status: string}[]} points
 * @param {Look} look
 * @returns {{at: number, tone: string}|null} the point, and the color of words about it
 */
export function markWorst(dataset, points, look) {
    const at = worstPlace(points);
    const last = points.findLastIndex(({ value }) => isKnown(value));
    return at < 0 || at === last ? null : markPoint(dataset, at, POOR[points[at].status], look);
}

/**
 * Mark a point of a line in a color.
 *
 * @param {Object} dataset of a line or of bars
 * @param {number} at place of the point
 * @param {string} tone name of its color
 * @param {Look} look
 * @returns {{at: number, tone: string}} as of `markWorst`
 */
export function markPoint(dataset, at, tone, { color, px }) {
    if (dataset.pointRadius) {
        dataset.pointBackgroundColor[at] = color(tone);
        dataset.pointBorderColor = dataset.data.map((_value, place) =>
            place === at ? color(tone) : dataset.borderColor,
        );
        dataset.pointRadius[at] = Math.max(dataset.pointRadius[at], px(STYLE.mark));
    }
    return { at, tone };
}

/**
 * Where the number of a point stands: above it or below, on the side where it lies on fewer
 * lines; nowhere where other words are.
 *
 * @param {{x: number, y: number}} point
 * @param {number} width of the number
 * @param {{area: Object, gap: number, isAbove?: boolean, line: number, lines: Object[][],
 *      taken: Object[]}} around `isAbove` where it cannot stand below, as that of a bar
 * @returns {{bottom: number, left: number, right: number, top: number}|undefined}
 */
export function placeNumber({ x, y }, width, { area, gap, isAbove, line, lines, taken }) {
    const left = Math.min(Math.max(x - width / 2, area.left), area.right - width);
    const tops = isAbove ? [y - line - gap / 4] : [y - gap - line, y + gap];
    const boxes = tops.map((top) => ({
        bottom: top + line,
        left,
        right: left + width,
        top,
    }));
    const crossed = (box) => lines.filter((points) => isCrossed(box, points)).length;
    return boxes
        .filter((box) => box.top >= area.top && box.bottom <= area.bottom)
        .filter((box) => !taken.some((other) => isOverlapping(box, other)))
        .sort((one, other) => crossed(one) - crossed(other))[0];
}

function isOverlapping(one, other) {
    return (
        one.left < other.right &&
        other.left < one.right &&
        one.top < other.bottom &&
        other.top < one.bottom
    );
}

/** Whether a line goes through a box. */
function isCrossed({ bottom, left, right, top }, points) {
    const heights = heightsBetween(points, left, right);
    return Math.min(...heights) < bottom && Math.max(...heights) > top;
}

/** Heights of a line at two places, and at its points between them. */
function heightsBetween(points, left, right) {
    const at = (x) => {
        const after = points.findIndex((point) => point.x >= x);
        const [from, to] = [points[after - 1], points[after]];
        if (!to || !from) {
            return (to || points.at(-1))?.y;
        }
        return from.y + ((to.y - from.y) * (x - from.x)) / (to.x - from.x || 1);
    };
    const within = points.filter(({ x }) => x > left && x < right).map(({ y }) => y);
    return [at(left), at(right), ...within].filter((y) => y !== undefined);
}

export const WRITING = { gap: GAP, line: HEIGHT, nameGap: NAME_GAP, swatch: SWATCH };
