import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import {
    baseOptions,
    fontOf,
    forecastDatasets,
    limitDataset,
    lineDataset,
    markPoint,
    markWorst,
    namesAtEnds,
    nameScale,
    targetDataset,
    valueScale,
} from "@kpi_tracking/charts/chart_options";
import { chartLabels, noteMarks, todayLine } from "@kpi_tracking/charts/chart_plugins";
import { useChart } from "@kpi_tracking/charts/use_chart";
import { expectedText } from "@kpi_tracking/eager/kpi_format/expected_text";

const ALERT = "--kpi-danger-text";

/** Line of values with their target; the way to the running period is dotted, a point
 * without all of its records or parts is open, a change of the definition is an upright
 * line. Forecasts of running and coming periods are a dotted line in a band. The point of
 * an alert (`is_alert`) is marked instead of the worst one, and the limits that open it are
 * dotted levels with their names. */
export class HistoryChart extends Component {
    static template = "kpi_tracking.HistoryChart";
    static props = {
        format: { type: Function },
        label: { type: String },
        limits: { type: Array, element: Object, optional: true }, // `text` and `values`
        notes: { type: Array, element: Object, optional: true }, // `place` of a point each
        onPoint: { type: Function, optional: true }, // a period with a value was chosen
        points: { type: Array, element: Object },
        precision: { type: Number, optional: true },
        startsAtZero: { type: Boolean, optional: true },
    };

    static defaultProps = { notes: [] };

    setup() {
        useChart(
            (look) => this.config(look),
            () => [this.props.points],
        );
    }

    config(look) {
        const { format, limits = [], notes, points, precision, startsAtZero } = this.props;
        const datasets = [
            this.values(look),
            ...this.targets(look),
            ...limits.map((limit) => limitDataset(limit, look)),
            ...this.forecast(look),
        ];
        const named = namesAtEnds(levelNames(datasets, format), look);
        const options = baseOptions(look);
        Object.assign(options.plugins.tooltip, {
            // The dotted line begins on a value, of which nothing is expected.
            filter: ({ dataIndex, dataset, parsed }) =>
                !dataset.isLimit &&
                parsed.y !== null &&
                (!dataset.isExpected || Boolean(points[dataIndex].expected)),
            callbacks: {
                title: ([{ dataIndex }]) => periodName(points[dataIndex]),
                footer: ([{ dataIndex }]) => [
                    ...changeLines(points[dataIndex]),
                    ...restatedLines(points[dataIndex], format),
                ],
                label: ({ dataIndex, dataset, parsed }) =>
                    dataset.isExpected
                        ? expectedText(points[dataIndex].expected, format)
                        : `${dataset.label}: ${format(parsed.y)}`,
            },
        });
        const today = points.findLastIndex(({ coming }) => !coming);
        return {
            type: "line",
            plugins: [
                {
                    id: "kpi_seams",
                    beforeDatasetsDraw: (chart) => drawSeams(chart, points, look),
                },
                ...(today < points.length - 1
                    ? [todayLine(today + (points[today]?.running ? 0 : 0.5), look)]
                    : []),
                chartLabels(
                    { ...named, numbers: numbersOf(points, datasets, { format, look }) },
                    look,
                ),
                noteMarks(notes, look),
            ],
            data: { labels: points.map((point) => point.label), datasets },
            options: {
                ...options,
                interaction: { intersect: false, mode: "index" },
                layout: {
                    padding: { right: named?.room, top: look.px(notes.length ? 20 : 16) },
                },
                onClick: (_ev, found) => this.choose(found),
                onHover: ({ native }, found) => {
                    native.target.style.cursor = this.chosen(found) ? "pointer" : "default";
                },
                scales: {
                    x: nameScale(look),
                    y: valueScale(look, { format, precision, startsAtZero }),
                },
            },
        };
    }

    /** The point that can be chosen where the pointer is. */
    chosen([found]) {
        const point = found && this.props.points[found.index];
        return this.props.onPoint && typeof point?.value === "number" ? point : undefined;
    }

    choose(found) {
        const point = this.chosen(found);
        if (point) {
            this.props.onPoint(point);
        }
    }

    values(look) {
        const { points } = this.props;
        const data = points.map((point) => point.value);
        const color = look.color("--kpi-series-1");
        // Up to the running period: those to come have no values.
        const isRunning = points.findLast(({ coming }) => !coming)?.running;
        const known = points.filter(({ coming }) => !coming).length;
        const line = lineDataset(
            { color, data: data.slice(0, known), isRunning, label: _t("Value") },
            look,
        );
        const paper = look.color("--kpi-paper");
        return {
            ...line,
            data,
            pointBackgroundColor: line.pointBackgroundColor.map((usual, at) =>
                points[at].incomplete ? paper : usual,
            ),
            pointRadius: line.pointRadius.map((usual, at) =>
                Math.max(usual, look.px(radius(points[at]))),
            ),
            // A period that had a different status then is a diamond, a restated one a
            // triangle, an unusual one a square.
            pointStyle: points.map(pointStyle),
        };
    }

    targets(look) {
        const color = look.color("--kpi-target");
        const labels = { target: _t("Target"), low: _t("Lowest good"), high: _t("Highest good") };
        return Object.keys(labels)
            .filter((key) => this.props.points.some((point) => typeof point[key] === "number"))
            .map((key) => {
                const data = this.props.points.map((point) => point[key]);
                return targetDataset({ color, data, label: labels[key] }, look);
            });
    }

    /** A line on from the last closed value, and the band in which it lies with 80%. */
    forecast(look) {
        const { points } = this.props;
        if (!points.some(({ expected }) => expected)) {
            return [];
        }
        return forecastDatasets(
            {
                along: points.map(({ expected }) => expected),
                color: look.color("--kpi-series-1"),
                label: _t("Expected"),
                values: points.map(({ value }) => value),
            },
            look,
        );
    }
}

/** Each target with its last number, and each limit, at the end of its line. */
function levelNames(datasets, format) {
    return datasets.flatMap(({ data, isOfAlert, isTarget, label }, dataset) => {
        if (isOfAlert) {
            return [{ dataset, isDashed: true, text: label, tone: ALERT }];
        }
        if (!isTarget) {
            return []; // a forecast may have no number at all
        }
        const last = data.findLast((value) => typeof value === "number");
        return [{ dataset, isDashed: true, text: `${label} ${format(last)}` }];
    });
}

/**
 * The forecast of the running period unless it is the last value, that, and the worst one or
 * the alert's.
 */
export function numbersOf(points, datasets, { format, look }) {
    const last = points.findLastIndex(({ value }) => typeof value === "number");
    const ofAlert = points.findIndex((point) => point.is_alert && typeof point.value === "number");
    const mark =
        ofAlert < 0
            ? markWorst(datasets[0], points, look)
            : markPoint(datasets[0], ofAlert, ALERT, look);
    const marked = ofAlert === last ? [mark] : [{ at: last, tone: "--kpi-ink" }, mark];
    const numbers = marked
        .filter((each) => each && each.at >= 0)
        .map(({ at, tone }) => ({ at, dataset: 0, text: format(points[at].value), tone }));
    const now = points.findLastIndex(({ running }) => running);
    const { expected, value } = points[now] || {};
    const isKnown = typeof value === "number";
    if (expected && !(isKnown && format(expected.value) === format(value))) {
        numbers.unshift({
            at: now,
            dataset: datasets.findIndex(({ isExpected }) => isExpected),
            text: _t("Likely %s", format(expected.value)),
            tone: "--kpi-ink",
        });
    }
    return numbers;
}

function pointStyle({ restated, today, unusual }) {
    return restated?.length ? "triangle" : today ? "rectRot" : unusual ? "rect" : "circle";
}

/** What a point that says more is at least as large as. */
function radius({ incomplete, isAsked, restated, today, unusual }) {
    if (isAsked) {
        return 7;
    }
    return today || unusual || restated?.length ? 5 : incomplete ? 4 : 0;
}

/** What a change of the definition means for a period, why it was made, and what is
 * unusual about the value. */
export function changeLines({ change_reason: reason, seam, unusual }) {
    return [...(seam ? [seam, reason] : []), unusual].filter(Boolean);
}

/** What a period, or the periods within it, were worth when they settled. */
export function restatedLines({ restated = [] }, format) {
    return restated.map(({ cause, label, new_value: now, settled_value: settled }) => {
        const said = { cause, label, settled: format(settled) };
        return now === null
            ? _t("Restated: %(label)s was %(settled)s, now has no value", said)
            : _t("Restated: %(label)s was %(settled)s, now %(now)s (%(cause)s)", {
                  ...said,
                  now: format(now),
              });
    });
}

function periodName({ incomplete, label, today }) {
    if (today) {
        return _t("%s (different status at the time)", label);
    }
    return incomplete ? _t("%s (incomplete)", label) : label;
}

const SEAM_GAP = 4; // pixels between an upright line and its name
const SEAM_TEXT = 10; // and from the top of the chart to the foot of the name

/** A line before each period from which on values are computed otherwise. */
function drawSeams({ chartArea, ctx, scales }, points, { color, font, px }) {
    const { top, bottom } = chartArea;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = color("--kpi-faint");
    ctx.lineWidth = px(1);
    ctx.font = fontOf(font);
    ctx.setLineDash([2, 3].map(px));
    points.forEach(({ seam }, at) => {
        if (seam) {
            const here = scales.x.getPixelForValue(at);
            const before = at ? scales.x.getPixelForValue(at - 1) : here;
            ctx.beginPath();
            ctx.moveTo((here + before) / 2, top);
            ctx.lineTo((here + before) / 2, bottom);
            ctx.stroke();
            nameSeam(chartArea, ctx, (here + before) / 2);
        }
    });
    ctx.restore();
}

/** Say what an upright line is, on the side of it where there is room. */
function nameSeam({ left, top }, ctx, x) {
    const text = _t("Definition changed");
    const isLeft = x - left > ctx.measureText(text).width + SEAM_GAP;
    ctx.textAlign = isLeft ? "right" : "left";
    ctx.fillText(text, isLeft ? x - SEAM_GAP : x + SEAM_GAP, top + SEAM_TEXT);
}

registry.category("lazy_components").add("kpi_tracking.HistoryChart", HistoryChart);
