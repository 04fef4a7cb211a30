import { _t } from "@web/core/l10n/translation";
import { expectedText } from "@kpi_tracking/eager/kpi_format/expected_text";
import { directLabels, expectedMark, noteMarks, valueLabels } from "./chart_plugins";
import { anchorOf, expectedAlong, hasPast } from "./expected";

const SERIES = 7; // colours of the palette
const DIRECT_WIDTH = 420; // pixels from which lines are named at their ends
const NAMES_RATIO = 0.24; // of the width, for these names
const NAMES_WIDTH = [96, 176]; // pixels they take at least, and at most
const LETTER = 6; // pixels, on the average
const TO_NAME = 16; // pixels from a line to its name
const MIN_AXES = 3; // of a radar
const TARGET_DASH = [6, 3];
const RUNNING_DASH = [4, 4];
const EXPECTED_DASH = [2, 4];

/**
 * What Chart.js draws.
 *
 * @typedef {Object} Look
 * @property {(name: string) => string} color value of a property of the palette
 * @property {(value: number) => string} format
 * @property {(color: string) => CanvasPattern|string} hatch
 * @property {(value: number) => string} signed
 * @property {(place: {index: number, series: number}) => void} onPlace
 * @property {number} width in pixels
 *
 * @param {Object} tile with `chart` or `parts`
 * @param {Look} look
 */
export function chartConfig(tile, look) {
    return CONFIGS[tile.kind](tile, look);
}

const CONFIGS = {
    area: (tile, look) => seriesChart(tile, look, { type: "line", fill: "origin" }),
    bar: (tile, look) => seriesChart(tile, look, { type: "bar" }),
    doughnut: (tile, look) => wheel(tile, look, "62%"),
    line: (tile, look) => seriesChart(tile, look, { type: "line" }),
    pie: (tile, look) => wheel(tile, look, 0),
    radar,
    scatter,
    stacked: (tile, look) => seriesChart(tile, look, { type: "bar", isStacked: true }),
    waterfall,
};

/** Colour of a series or part by its place, the same in every chart of a tile. */
export function seriesName(at, isOther) {
    return isOther ? "--kpi-other" : `--kpi-series-${(at % SERIES) + 1}`;
}

/** What is left of parts or series has neither a key nor a KPI of its own. */
export function isRest({ key, part = key, report_id }) {
    return part === null && !report_id;
}

function roomForNames(width) {
    const [least, most] = NAMES_WIDTH;
    return Math.min(most, Math.max(least, width * NAMES_RATIO));
}

/** Whether lines are named at their ends; names that would be cut stand below. */
function isNamedAtEnds(series, width) {
    const room = roomForNames(width) - TO_NAME;
    const fit = series.every(({ name }) => LETTER * name.length <= room);
    return series.length > 1 && width >= DIRECT_WIDTH && fit;
}

function seriesChart({ chart, notes = [] }, look, { type, fill, isStacked }) {
    const { categories, coming, series } = chart;
    const isDirect = type === "line" && isNamedAtEnds(series, look.width);
    const datasets = [
        ...series.map((each, at) => seriesDataset(each, at, { chart, look, type, fill })),
        ...(isStacked ? [] : targetsOf(series, look)),
        ...(coming ? series.flatMap((each, at) => ahead(each, at, { chart, look })) : []),
    ];
    const options = axes(look, { startsAtZero: type === "bar" || Boolean(fill), isStacked });
    if (series.every(({ targets, values }) => [...values, ...(targets || [])].every(isNothing))) {
        Object.assign(options.scales.y, { max: 1, min: 0 }); // no scale from −1 to 1 around 0
        options.scales.y.ticks.callback = (value) => (value ? "" : look.format(value));
    }
    options.plugins.legend.display = series.length > 1 && !isDirect;
    options.layout = {
        padding: { top: notes.length ? 18 : 4, right: isDirect ? roomForNames(look.width) : 8 },
    };
    return {
        type,
        data: { labels: [...categories, ...(coming?.categories || [])], datasets },
        options,
        plugins: [
            ...(coming ? [expectedMark(categories.length, look.color("--kpi-faint"))] : []),
            ...(isDirect ? [directLabels(series.length, look.color("--kpi-faint"))] : []),
            marks(notes, look),
        ],
    };
}

function isNothing(value) {
    return !value;
}

function marks(notes, look) {
    const ground = look.color("--kpi-paper");
    return noteMarks(notes, { ink: look.color("--kpi-faint"), ground });
}

function seriesDataset(series, at, { chart, look, type, fill }) {
    const { name, values } = series;
    const color = look.color(seriesName(at, isRest(series)));
    const last = values.findLastIndex((value) => value !== null);
    const isOpen = (index) => chart.is_running && index === values.length - 1;
    return {
        label: name,
        data: values,
        backgroundColor:
            type === "bar"
                ? values.map((_value, index) => (isOpen(index) ? look.hatch(color) : color))
                : fill
                  ? look.pale(color)
                  : color,
        borderColor: color,
        borderWidth: type === "line" ? 2 : values.map((_value, index) => (isOpen(index) ? 1 : 0)),
        fill: fill || false,
        maxBarThickness: 56,
        pointBackgroundColor: color,
        pointRadius: values.map((_value, index) => (index === last ? 4 : 2)),
        segment: {
            borderDash: ({ p1DataIndex }) => (isOpen(p1DataIndex) ? RUNNING_DASH : undefined),
        },
        order: 2,
    };
}

/** A dashed line on from the last closed value of a series, and the band in which it lies. */
function ahead({ expected, name, values }, at, { chart, look }) {
    if (!expected) {
        return [];
    }
    const along = expectedAlong(expected, chart.categories.length);
    const from = anchorOf(values, along);
    const dataOf = (key) =>
        along.map((each, place) => (place === from ? values[place] : (each?.[key] ?? null)));
    const color = look.color(seriesName(at));
    const unseen = { borderWidth: 0, pointHoverRadius: 0, pointRadius: 0 };
    const limit = { ...unseen, isLimit: true, order: 3, spanGaps: true };
    return [
        {
            type: "line",
            label: name,
            data: dataOf("value"),
            along,
            isExpected: true,
            seriesAt: at,
            borderColor: color,
            borderDash: EXPECTED_DASH,
            borderWidth: 2,
            fill: false,
            order: 1,
            pointBackgroundColor: look.color("--kpi-paper"),
            pointRadius: along.map((each) => (each ? 2 : 0)),
            spanGaps: true,
        },
        { ...limit, type: "line", label: name, data: dataOf("low"), fill: false },
        {
            ...limit,
            type: "line",
            label: name,
            data: dataOf("high"),
            backgroundColor: look.pale(color),
            fill: "-1",
        },
    ];
}

/** Targets of the only series are grey, those of several in the colour of theirs. */
function targetsOf(series, look) {
    const isOnly = series.filter(hasPast).length < 2;
    return series
        .map((each, at) => target(each, look.color(isOnly ? "--kpi-target" : seriesName(at))))
        .filter(Boolean);
}

function target({ name, targets }, color) {
    if (!targets?.some((value) => value !== null)) {
        return null;
    }
    return {
        type: "line",
        label: _t("Target of %s", name),
        isTarget: true,
        data: targets,
        backgroundColor: "transparent",
        borderColor: color,
        borderDash: TARGET_DASH,
        borderWidth: 1.5,
        pointRadius: 0,
        stepped: "middle",
        order: 1,
    };
}

function axes({ color, format, onPlace, precision, seriesCount }, { startsAtZero, isStacked }) {
    const ticks = { color: color("--kpi-faint") };
    return {
        ...shared({ color, format, onPlace, seriesCount }),
        interaction: { intersect: false, mode: "index" },
        scales: {
            x: {
                grid: { display: false },
                stacked: isStacked,
                ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 8 },
            },
            y: {
                beginAtZero: startsAtZero,
                border: { display: false },
                grid: { color: color("--kpi-line"), drawTicks: false },
                stacked: isStacked,
                ticks: { ...ticks, callback: format, maxTicksLimit: 6, padding: 8, precision },
            },
        },
    };
}

/** Which of some elements of a chart was meant: the one hit, else the nearest. */
function nearestTo({ x, y }, found) {
    const away = ({ element }) => {
        const center = element.getCenterPoint();
        return element.inRange(x, y) ? 0 : Math.hypot(center.x - x, center.y - y);
    };
    return found.toSorted((one, other) => away(one) - away(other))[0];
}

function shared({ color, format, onPlace, seriesCount }) {
    return {
        animation: false,
        maintainAspectRatio: false,
        responsive: false, // its size is told
        onClick(point, found) {
            // Targets come after the series, and are no place to go to.
            const shown = found.filter(({ datasetIndex }) => datasetIndex < seriesCount);
            const nearest = nearestTo(point, shown);
            nearest && onPlace({ index: nearest.index, series: nearest.datasetIndex });
        },
        plugins: {
            legend: {
                display: false,
                position: "bottom",
                labels: {
                    boxHeight: 8,
                    boxWidth: 8,
                    color: color("--kpi-faint"),
                    filter: ({ datasetIndex }) => datasetIndex < seriesCount,
                    usePointStyle: true,
                },
            },
            tooltip: {
                // Bars without a value are under the pointer like all others.
                filter: ({ dataIndex, dataset, parsed }) =>
                    !dataset.isLimit &&
                    (!dataset.isExpected || Boolean(dataset.along[dataIndex])) &&
                    typeof (parsed.y ?? parsed.r ?? parsed) === "number",
                callbacks: {
                    label({ dataIndex, dataset, parsed }) {
                        if (!dataset.isExpected) {
                            return `${dataset.label}: ${format(parsed.y ?? parsed.r)}`;
                        }
                        const text = expectedText(dataset.along[dataIndex], format);
                        return seriesCount > 1 ? `${dataset.label}: ${text}` : text;
                    },
                },
            },
        },
    };
}

/** Parts of a whole, named beside the wheel. */
function wheel({ parts }, look, cutout) {
    const rows = parts.rows.filter((row) => !row.is_total);
    const options = shared(look);
    options.plugins.tooltip.callbacks.label = ({ dataIndex }) =>
        `${rows[dataIndex].name}: ${look.format(rows[dataIndex].value)}`;
    options.plugins.tooltip.callbacks.title = () => "";
    return {
        type: "doughnut",
        data: {
            labels: rows.map((row) => row.name),
            datasets: [
                {
                    data: rows.map((row) => row.value),
                    backgroundColor: rows.map((row, at) => look.color(seriesName(at, isRest(row)))),
                    borderColor: look.color("--kpi-paper"),
                    borderWidth: rows.length > 1 ? 2 : 0, // a ring has no seam
                },
            ],
        },
        options: { ...options, cutout },
        plugins: [],
    };
}

/** With fewer than three axes there is no shape: bars say the same. */
function radar(tile, look) {
    const { categories, series } = tile.chart;
    if (categories.length < MIN_AXES) {
        return seriesChart(tile, look, { type: "bar" });
    }
    const options = shared(look);
    options.plugins.legend.display = series.length > 1;
    const color = look.color("--kpi-line");
    options.scales = {
        r: {
            angleLines: { color },
            beginAtZero: true,
            grid: { color },
            pointLabels: { color: look.color("--kpi-faint") },
            ticks: { backdropColor: "transparent", callback: look.format, maxTicksLimit: 3 },
        },
    };
    const datasets = series.map(({ name, values }, at) => ({
        label: name,
        data: values,
        backgroundColor: look.pale(look.color(seriesName(at))),
        borderColor: look.color(seriesName(at)),
        borderWidth: 2,
        pointBackgroundColor: look.color(seriesName(at)),
    }));
    return { type: "radar", data: { labels: categories, datasets }, options, plugins: [] };
}

function scatter({ chart }, look) {
    const { points } = chart;
    const options = axes(look, { startsAtZero: false });
    Object.assign(options, { interaction: { intersect: true, mode: "nearest" } });
    options.scales.x.ticks.callback = look.formatX;
    ["x", "y"].forEach((axis, at) => {
        const text = chart.names?.[at];
        options.scales[axis].title = {
            color: look.color("--kpi-faint"),
            display: Boolean(text),
            text,
        };
    });
    options.plugins.tooltip.callbacks.label = ({ dataIndex, parsed }) =>
        `${points[dataIndex].name}: ${look.formatX(parsed.x)} / ${look.format(parsed.y)}`;
    const color = look.color(seriesName(0));
    const dataset = { data: points, backgroundColor: color, pointRadius: 5 };
    return { type: "scatter", data: { datasets: [dataset] }, options, plugins: [] };
}

/** What is better is green, what is worse red; of a range neither is known. */
function waterfallTone({ is_total, value }, direction) {
    if (is_total) {
        return "--kpi-other";
    }
    if (!["higher", "lower"].includes(direction)) {
        return value < 0 ? "--kpi-series-4" : "--kpi-series-1";
    }
    return value < 0 === (direction === "lower") ? "--kpi-success" : "--kpi-danger";
}

/** Changes stand on those before them, totals on zero. */
function waterfall({ notes = [], parts }, look) {
    let level = 0;
    const spans = parts.rows.map(({ is_total, value }) => {
        const from = is_total ? 0 : level;
        level = from + value;
        return [from, level];
    });
    const tone = (row) => look.color(waterfallTone(row, parts.direction));
    const options = axes(look, { startsAtZero: true });
    const texts = parts.rows.map(({ is_total, value }) =>
        is_total ? look.format(value) : look.signed(value),
    );
    options.plugins.tooltip.callbacks.label = ({ dataIndex }) => texts[dataIndex];
    const dataset = {
        data: spans,
        backgroundColor: parts.rows.map(tone),
        borderSkipped: false,
        maxBarThickness: 72,
    };
    const labels = parts.rows.map((row) => row.name);
    options.layout = { padding: { top: notes.length ? 32 : 16 } };
    return {
        type: "bar",
        data: { labels, datasets: [dataset] },
        options,
        plugins: [valueLabels(texts, look.color("--kpi-faint")), marks(notes, look)],
    };
}
