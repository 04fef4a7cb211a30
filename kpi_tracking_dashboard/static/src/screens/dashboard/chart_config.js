import { _t } from "@web/core/l10n/translation";
import {
    barDataset,
    baseOptions,
    forecastDatasets,
    lineDataset,
    markWorst,
    namesAtEnds,
    nameScale,
    scaleTitle,
    STYLE,
    targetDataset,
    valueScale,
} from "@kpi_tracking/charts/chart_options";
import { barNumbers, chartLabels, noteMarks, todayLine } from "@kpi_tracking/charts/chart_plugins";
import { expectedText } from "@kpi_tracking/eager/kpi_format/expected_text";
import { expectedAlong, hasPast } from "./expected";

const SERIES = 7; // colors of the palette
const MIN_AXES = 3; // of a radar

/**
 * What Chart.js draws.
 *
 * @typedef {import("@kpi_tracking/charts/chart_options").Look} ChartLook
 * @typedef {Object} TileLook
 * @property {(value: number) => string} format
 * @property {(value: number) => string} signed
 * @property {(place: {index: number, series: number}) => void} onPlace
 *
 * @param {Object} tile with `chart` or `parts`
 * @param {ChartLook & TileLook} look
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

function seriesChart({ chart, notes = [] }, look, { type, fill, isStacked }) {
    const { categories, coming, is_running: isRunning, series } = chart;
    const datasets = [
        ...series.map((each, at) => seriesDataset(each, at, { chart, look, type, fill })),
        ...(isStacked ? [] : targetsOf(series, look)),
        ...(coming ? series.flatMap((each, at) => ahead(each, at, { chart, look })) : []),
    ];
    const named = namesOf(datasets, { isStacked, look, series, type });
    const options = axes(look, { startsAtZero: type === "bar" || Boolean(fill), isStacked });
    if (series.every(({ targets, values }) => [...values, ...(targets || [])].every(isNothing))) {
        Object.assign(options.scales.y, { max: 1, min: 0 }); // no scale from −1 to 1 around 0
        options.scales.y.ticks.callback = (value) => (value ? "" : look.format(value));
    }
    options.plugins.legend.display = series.length > 1 && !named.isWhole;
    options.layout = {
        padding: { top: look.px(notes.length ? 20 : 16), right: named.room },
    };
    return {
        type,
        data: { labels: [...categories, ...(coming?.categories || [])], datasets },
        options,
        plugins: [
            ...(coming ? [todayLine(categories.length - (isRunning ? 1 : 0.5), look)] : []),
            chartLabels({ names: named.names, numbers: numbersOf(chart, datasets, look) }, look),
            noteMarks(notes, look),
        ],
    };
}

function isNothing(value) {
    return !value;
}

/**
 * What stands at the ends of lines and beside stacks: the names of several series, and the
 * targets with their numbers. Bars beside each other are named in a legend.
 */
function namesOf(datasets, { isStacked, look, series, type }) {
    const isSeries = (_each, at) => series.length > 1 && at < series.length;
    const isAtEnd = type === "line" || isStacked;
    const of = (keep) =>
        datasets.flatMap((dataset, at) =>
            keep(dataset, at)
                ? [
                      {
                          color: series.length > 1 ? dataset.borderColor : "",
                          dataset: at,
                          isDashed: dataset.isTarget,
                          text: dataset.isTarget ? dataset.named : dataset.label,
                      },
                  ]
                : [],
        );
    const targets = of(({ isTarget }) => isTarget);
    const names = isAtEnd ? of(isSeries) : [];
    const most = STYLE.named;
    const shown = names.length + targets.length <= most ? [...names, ...targets] : names;
    const found = namesAtEnds(shown, look);
    return found ? { ...found, isWhole: isAtEnd } : { isWhole: false, names: [], room: look.px(8) };
}

/** The last value of a single series, its forecast while it runs, and the worst value. */
function numbersOf({ categories, is_running: isRunning, series }, datasets, look) {
    if (series.length !== 1) {
        return [];
    }
    const [{ statuses = [], targets, values }] = series;
    const points = values.map((value, at) => ({
        running: isRunning && at === values.length - 1,
        status: statuses[at],
        target: targets?.[at],
        value,
    }));
    const forecast = datasets.findIndex(({ isExpected }) => isExpected);
    const likely = datasets[forecast]?.along[categories.length - 1];
    const numbers = likely
        ? [
              {
                  at: categories.length - 1,
                  dataset: forecast,
                  text: _t("Likely %s", look.format(likely.value)),
                  tone: "--kpi-ink",
              },
          ]
        : [];
    const last = points.findLastIndex(({ value }) => typeof value === "number");
    const marked = [{ at: last, tone: "--kpi-ink" }, markWorst(datasets[0], points, look)];
    return [
        ...numbers,
        ...marked
            .filter((each) => each && each.at >= 0)
            .map(({ at, tone }) => ({ at, dataset: 0, text: look.format(values[at]), tone })),
    ];
}

function seriesDataset(series, at, { chart, look, type, fill }) {
    const { name: label, values: data } = series;
    const color = look.color(seriesName(at, isRest(series)));
    const described = { color, data, isRunning: chart.is_running, label };
    if (type === "bar") {
        return { ...barDataset(described, look), order: 2 };
    }
    const shade = fill && look.fade(color, STYLE.band);
    const dataset = lineDataset(described, look);
    return { ...dataset, fill: fill || false, order: 2, ...(fill && { backgroundColor: shade }) };
}

function ahead(series, at, { chart, look }) {
    const { expected, name, values } = series;
    if (!expected) {
        return [];
    }
    const along = expectedAlong(expected, chart.categories.length);
    const color = look.color(seriesName(at, isRest(series)));
    const [line, ...limits] = forecastDatasets({ along, color, label: name, values }, look);
    return [
        { ...line, order: 1, seriesAt: at },
        ...limits.map((limit) => ({ ...limit, order: 3 })),
    ];
}

/** Targets of the only series are grey, those of several in the color of theirs. */
function targetsOf(series, look) {
    const isOnly = series.filter(hasPast).length < 2;
    return series
        .map((each, at) => target(each, look.color(isOnly ? "--kpi-target" : seriesName(at)), look))
        .filter(Boolean);
}

function target({ name, targets }, color, look) {
    const last = targets?.findLast((value) => typeof value === "number");
    if (last === undefined) {
        return null;
    }
    return {
        ...targetDataset({ color, data: targets, label: _t("Target of %s", name) }, look),
        named: _t("Target %s", look.format(last)),
        order: 1,
    };
}

function axes(look, { startsAtZero, isStacked }) {
    const { format, precision } = look;
    return {
        ...shared(look),
        interaction: { intersect: false, mode: "index" },
        scales: {
            x: nameScale(look, { isStacked }),
            y: valueScale(look, { format, isStacked, precision, startsAtZero }),
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

function shared(look) {
    const { format, onPlace, seriesCount } = look;
    const options = baseOptions(look);
    options.plugins.legend.labels.filter = ({ datasetIndex }) => datasetIndex < seriesCount;
    Object.assign(options.plugins.tooltip, {
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
    });
    return {
        ...options,
        responsive: false, // its size is told
        onClick(point, found) {
            // Targets come after the series, and are no place to go to.
            const shown = found.filter(({ datasetIndex }) => datasetIndex < seriesCount);
            const nearest = nearestTo(point, shown);
            nearest && onPlace({ index: nearest.index, series: nearest.datasetIndex });
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
    const faint = { color: look.color("--kpi-faint"), font: look.font };
    options.scales = {
        r: {
            angleLines: { color },
            beginAtZero: true,
            grid: { color },
            pointLabels: faint,
            ticks: {
                ...faint,
                backdropColor: "transparent",
                callback: look.format,
                maxTicksLimit: STYLE.ticks,
            },
        },
    };
    const datasets = series.map(({ name, values }, at) => ({
        label: name,
        data: values,
        backgroundColor: look.fade(look.color(seriesName(at)), STYLE.band),
        borderColor: look.color(seriesName(at)),
        borderWidth: look.px(STYLE.line),
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
        options.scales[axis].title = scaleTitle(look, chart.names?.[at]);
    });
    options.plugins.tooltip.callbacks.label = ({ dataIndex, parsed }) =>
        `${points[dataIndex].name}: ${look.formatX(parsed.x)} / ${look.format(parsed.y)}`;
    const color = look.color(seriesName(0));
    const dataset = { data: points, backgroundColor: color, pointRadius: look.px(5) };
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
        maxBarThickness: look.px(72),
    };
    const labels = parts.rows.map((row) => row.name);
    options.layout = { padding: { top: look.px(notes.length ? 36 : 20) } };
    return {
        type: "bar",
        data: { labels, datasets: [dataset] },
        options,
        plugins: [barNumbers(texts, look), noteMarks(notes, look)],
    };
}
