// Where the parts of a gauge lie: the same as engine/gauge/geometry.py; both are
// tested with one table, static/tests/gauge_cases.json.

const LARGEST = 1e150; // larger magnitudes count as this, as in the engine
const SMALLEST = 1e-150; // smaller ones count as 0
const STEPS = 6; // of a scale, about
const ROUND_STEPS = [1, 2, 5, 10];
const SLACK = 1e-9; // of a step: 0.30000000000000004 / 0.1 is 3
const ARROW = 7;
const LABEL_WIDTH = 5.4; // of a character in a size of 9
const USUAL_ZONES = [
    { from: null, to: 80, color: "danger" },
    { from: 80, to: 95, color: "warning" },
    { from: 95, to: null, color: "success" },
]; // percent of a target, as a KPI's status

/**
 * Boxes and tracks. Lanes lie beside each other: for a circle they are radii, for a line
 * distances to its right, seen from its start.
 */
export const STYLES = {
    circular: {
        size: [200, 124],
        start: [100, 74],
        fill: 44,
        zone: 54,
        tick: [50, 62],
        label: 67,
        value: [100, 83, 66],
        turn: [135, 270],
    },
    speedometer: {
        size: [200, 124],
        start: [100, 86],
        fill: 60,
        zone: 60,
        tick: [54, 70],
        label: 75,
        value: [100, 116, 130],
        turn: [180, 180],
    },
    linear: {
        size: [200, 36],
        start: [8, 10],
        fill: 0,
        zone: 8,
        tick: [-6, 12],
        label: 21,
        value: [100, 8, 0],
        way: [184, 0],
    },
    thermometer: {
        size: [110, 160],
        start: [55, 104],
        fill: 0,
        zone: 11,
        tick: [-8, 16],
        label: 20,
        value: [55, 154, 100],
        way: [0, -90],
    },
};

/**
 * A scale with round ends on which usual numbers use the middle two thirds. It starts (or
 * ends) at zero where it would go beyond zero though no usual number does.
 *
 * @param {(number|null)[]} usual limits of zones, target, baseline, earlier values
 * @param {{value?: number|null, startsAtZero?: boolean}} [options] the value stretches the
 *      scale where it lies no further outside than the usual numbers are apart
 * @returns {import("@kpi_tracking/eager/gauge/scale").Scale}
 */
export function chooseScale(usual, { value = null, startsAtZero = false } = {}) {
    const numbers = usual.filter((number) => number !== null).map(clean);
    const known = value === null ? null : clean(value);
    if (!numbers.some(Boolean)) {
        numbers.push(known || 0);
    }
    if (startsAtZero) {
        numbers.push(0);
    }
    let [low, high] = stretched(Math.min(...numbers), Math.max(...numbers), known);
    if (low === high) {
        [low, high] = high >= 0 ? [0, 1.25 * high] : [1.25 * low, 0];
    }
    if (low === high) {
        return { low: 0, high: 1 };
    }
    [low, high] = withRoom(low, high);
    const step = roundStep((high - low) / STEPS);
    return {
        low: Math.floor(low / step + SLACK) * step,
        high: Math.ceil(high / step - SLACK) * step,
    };
}

/** The zones of a KPI's status for a target; where lower is better they change sides. */
export function zonesOfTarget(target, direction = "higher") {
    const isHigher = direction === "higher";
    const ends = isHigher ? [-Infinity, Infinity] : [Infinity, -Infinity];
    const found = USUAL_ZONES.map(({ from, to, color }) => {
        const worst = from === null ? ends[0] : valueAt(from / 100, target, isHigher);
        const best = to === null ? ends[1] : valueAt(to / 100, target, isHigher);
        return { from: Math.min(worst, best), to: Math.max(worst, best), color };
    });
    return (isHigher ? found : found.reverse())
        .filter(({ from, to }) => from < to)
        .map(({ from, to, color }) => ({ from: closed(from), to: closed(to), color }));
}

/** The zone that holds a value; outside of all, the nearest one. */
export function zoneAt(zones, value) {
    return zones.find(({ to }) => to === null || value < to) || zones.at(-1);
}

/** Path along a lane, between two shares of the scale. */
export function band(style, lane, low, high) {
    const { turn } = STYLES[style];
    const start = said(point(style, low, lane));
    const end = said(point(style, high, lane));
    if (!turn) {
        return `M${start}L${end}`;
    }
    const isLong = (high - low) * turn[1] > 180 ? 1 : 0;
    return `M${start}A${rounded(lane)} ${rounded(lane)} 0 ${isLong} 1 ${end}`;
}

/** Path across the track. */
export function tick(style, ratio) {
    return "M" + STYLES[style].tick.map((lane) => said(point(style, ratio, lane))).join("L");
}

/** Path from the hub of a speedometer to its zones. */
export function needle(ratio) {
    const { start, tick: ends } = STYLES.speedometer;
    const { across, along } = axes(STYLES.speedometer, ratio);
    return closedPath([
        moved(start, along, 4),
        moved(start, across, ends[0] - 4),
        moved(start, along, -4),
    ]);
}

/** Path of an arrow at an end of the track, for a value beyond it (-1 below, 1 above). */
export function arrow(style, side) {
    const shape = STYLES[style];
    const ratio = (1 + side) / 2;
    const tip = point(style, ratio, shape.fill);
    const { across, along } = axes(shape, ratio);
    return closedPath([
        moved(tip, across, ARROW),
        moved(tip, along, side * ARROW),
        moved(tip, across, -ARROW),
    ]);
}

/** Position of the number of a tick, within the box. */
export function labelAnchor(style, ratio, text = "") {
    const shape = STYLES[style];
    const [x, y] = point(style, ratio, shape.label);
    const side = axes(shape, ratio).across[0];
    const height = rounded(y + 3);
    if (Math.abs(side) > 0.3) {
        return { x: rounded(x), y: height, anchor: side > 0 ? "start" : "end" };
    }
    const half = Math.min((text.length * LABEL_WIDTH) / 2, shape.size[0] / 2);
    const within = Math.min(Math.max(x, half), shape.size[0] - half);
    return { x: rounded(within), y: height, anchor: "middle" };
}

/** Size of the letters of the value, so that it fits its room. */
export function valueSize(style, text, unit = "") {
    const room = STYLES[style].value[2];
    const length = Math.max(text.length + 0.6 * unit.length, 1);
    return rounded(Math.min(26, room / (0.66 * length)));
}

function clean(number) {
    const within = Math.min(Math.max(number, -LARGEST), LARGEST);
    return Math.abs(within) < SMALLEST ? 0 : within;
}

function stretched(low, high, value) {
    const reach = high - low;
    const isNear = value !== null && low - reach <= value && value <= high + reach;
    return isNear ? [Math.min(low, value), Math.max(high, value)] : [low, high];
}

function withRoom(low, high) {
    const room = (high - low) / 4;
    if (0 <= low && low < room) {
        return [0, (high * 6) / 5];
    }
    if (-room < high && high <= 0) {
        return [(low * 6) / 5, 0];
    }
    return [low - room, high + room];
}

function roundStep(step) {
    const size = 10 ** Math.floor(Math.log10(step));
    return size * ROUND_STEPS.find((round) => step / size <= round + SLACK);
}

function valueAt(share, target, isHigher) {
    if (target === 0) {
        const sign = isHigher ? 1 : -1;
        return share > 0 ? 0 : -sign * Infinity;
    }
    if (isHigher) {
        return target > 0 ? target * share : target * (2 - share);
    }
    return target < 0 ? target * share : target / share;
}

function closed(number) {
    return Number.isFinite(number) ? number : null;
}

function point(style, ratio, lane) {
    const shape = STYLES[style];
    const [x, y] = shape.start;
    const { across } = axes(shape, ratio);
    const [dx, dy] = shape.turn ? [0, 0] : shape.way;
    return moved([x + ratio * dx, y + ratio * dy], across, lane);
}

/** Unit vectors across the track, to higher lanes, and along it, upwards. */
function axes({ turn, way }, ratio) {
    if (turn) {
        const angle = ((turn[0] + ratio * turn[1]) * Math.PI) / 180;
        const across = [Math.cos(angle), Math.sin(angle)];
        return { across, along: [-across[1], across[0]] };
    }
    const length = Math.hypot(...way);
    const along = [way[0] / length, way[1] / length];
    return { across: [-along[1], along[0]], along };
}

function moved([x, y], [dx, dy], distance) {
    return [x + distance * dx, y + distance * dy];
}

function closedPath(corners) {
    return `M${corners.map(said).join("L")}Z`;
}

function said([x, y]) {
    return `${rounded(x)} ${rounded(y)}`;
}

/** Two digits, and no minus before a zero. */
function rounded(number) {
    return Math.round(number * 100) / 100 + 0;
}
