import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { expectedText } from "@kpi_tracking/eager/kpi_format/expected_text";

/** Line of values with their target; the running period is dashed, a point without all
 * of its records or parts is hollow, a change of the definition is an upright line. What
 * is expected of running and coming periods is a dashed line in a band. */
export class HistoryChart extends Component {
    static template = "kpi_tracking.HistoryChart";
    static props = {
        format: { type: Function },
        label: { type: String },
        onPoint: { type: Function, optional: true }, // a period with a value was chosen
        points: { type: Array, element: Object },
        precision: { type: Number, optional: true },
        startsAtZero: { type: Boolean, optional: true },
    };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, this.config());
                return () => chart.destroy();
            },
            () => [this.props.points],
        );
    }

    config() {
        const style = getComputedStyle(this.canvas.el);
        const color = (name) => style.getPropertyValue(name).trim();
        const { format, points } = this.props;
        const grid = { color: color("--kpi-line"), drawTicks: false };
        const ticks = { color: color("--kpi-faint") };
        const scale = { callback: format, precision: this.props.precision };
        return {
            type: "line",
            plugins: [
                {
                    id: "kpi_direct_labels",
                    afterDatasetsDraw: (chart) => labelTargets(chart, color("--kpi-paper")),
                },
                {
                    id: "kpi_seams",
                    beforeDatasetsDraw: (chart) => drawSeams(chart, points, ticks.color),
                },
            ],
            data: {
                labels: points.map((point) => point.label),
                datasets: [this.values(color), ...this.targets(color), ...this.expected(color)],
            },
            options: {
                animation: false,
                interaction: { intersect: false, mode: "index" },
                maintainAspectRatio: false,
                onClick: (_ev, found) => this.choose(found),
                onHover: ({ native }, found) => {
                    native.target.style.cursor = this.chosen(found) ? "pointer" : "default";
                },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        // The dashed line begins on a value, of which nothing is expected.
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
                    },
                },
                scales: {
                    x: { grid: { display: false }, ticks: { ...ticks, maxRotation: 0 } },
                    y: {
                        beginAtZero: Boolean(this.props.startsAtZero),
                        border: { display: false },
                        grid,
                        ticks: { ...ticks, ...scale, padding: 8 },
                    },
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

    values(color) {
        const { points } = this.props;
        const last = points.findLastIndex((point) => point.value !== null);
        const isRunning = (at) => points[at]?.running;
        return {
            label: _t("Value"),
            data: points.map((point) => point.value),
            borderColor: color("--kpi-series-1"),
            backgroundColor: color("--kpi-series-1"),
            borderWidth: 2,
            pointBackgroundColor: points.map((point) =>
                color(point.incomplete ? "--kpi-paper" : "--kpi-series-1"),
            ),
            pointRadius: points.map((point, at) => radius(point, at === last)),
            // A period that had a different status then is a diamond, a restated one a
            // triangle, an unusual one a square.
            pointStyle: points.map(pointStyle),
            segment: {
                borderDash: ({ p1DataIndex }) => (isRunning(p1DataIndex) ? [4, 4] : undefined),
            },
        };
    }

    targets(color) {
        const labels = { target: _t("Target"), low: _t("Lowest good"), high: _t("Highest good") };
        return Object.keys(labels)
            .filter((key) => this.props.points.some((point) => typeof point[key] === "number"))
            .map((key) => ({
                label: labels[key],
                data: this.props.points.map((point) => point[key]),
                borderColor: color("--kpi-target"),
                borderDash: [6, 3],
                borderWidth: 1.5,
                isNamed: true,
                pointRadius: 0,
                stepped: "middle",
            }));
    }

    /** A line on from the last closed value, and the band in which it lies with 80%. */
    expected(color) {
        const { points } = this.props;
        if (!points.some(({ expected }) => expected)) {
            return [];
        }
        const last = points.findLastIndex(({ expected, value }) => !expected && value !== null);
        const along = (key) =>
            points.map(({ expected, value }, at) =>
                at === last ? value : (expected?.[key] ?? null),
            );
        const line = { borderColor: color("--kpi-series-1"), spanGaps: true };
        const limit = { isLimit: true, borderWidth: 0, pointRadius: 0, spanGaps: true };
        return [
            {
                ...line,
                label: _t("Expected"),
                data: along("value"),
                borderDash: [2, 4],
                borderWidth: 2,
                isExpected: true,
                pointRadius: points.map(({ expected }) => (expected ? 2 : 0)),
                pointBackgroundColor: color("--kpi-paper"),
            },
            { ...limit, label: _t("Expected, low"), data: along("low") },
            {
                ...limit,
                label: _t("Expected, high"),
                data: along("high"),
                backgroundColor: `color-mix(in srgb, ${color("--kpi-series-1")} 18%, transparent)`,
                fill: "-1",
            },
        ];
    }
}

function pointStyle({ restated, today, unusual }) {
    return restated?.length ? "triangle" : today ? "rectRot" : unusual ? "rect" : "circle";
}

function radius({ incomplete, isAsked, restated, today, unusual }, isLast) {
    if (isAsked) {
        return 7;
    }
    return isLast || today || unusual || restated?.length ? 5 : incomplete ? 4 : 2;
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
function drawSeams({ chartArea, ctx, scales }, points, ink) {
    const { top, bottom } = chartArea;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = ink;
    ctx.setLineDash([2, 3]);
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

const ABOVE = -6; // pixels from a target to its name
const BELOW = 15;
const HALF_LINE = 5;

/** Name each target at the end of its line, instead of a legend; on the side of it where
 * the values are further away. */
export function labelTargets(chart, ground) {
    const { ctx } = chart;
    const values = chart.getDatasetMeta(0).data.filter((point) => !point.skip);
    ctx.save();
    ctx.textAlign = "right";
    ctx.lineWidth = 4;
    ctx.strokeStyle = ground;
    chart.data.datasets.forEach((dataset, at) => {
        const end = chart.getDatasetMeta(at).data.findLast((point) => !point.skip);
        if (end && dataset.isNamed) {
            const { width } = ctx.measureText(dataset.label);
            const right = Math.max(end.x, chart.chartArea.left + width); // one period alone
            const left = right - width;
            const y = end.y + freeSide(values, end, left);
            ctx.fillStyle = dataset.borderColor;
            ctx.strokeText(dataset.label, right, y);
            ctx.fillText(dataset.label, right, y);
        }
    });
    ctx.restore();
}

/** How far from a target its name stands: above, unless values are nearer there than below. */
export function freeSide(values, { x, y }, left) {
    const heights = heightsBetween(values, left, x);
    const distance = (side) =>
        Math.min(...heights.map((height) => Math.abs(height - (y + side - HALF_LINE))));
    return distance(BELOW) > distance(ABOVE) && distance(ABOVE) < 2 * HALF_LINE ? BELOW : ABOVE;
}

/** Heights of a line at its points between two places, and at these. */
function heightsBetween(points, left, right) {
    const at = (x) => {
        const after = points.findIndex((point) => point.x >= x);
        const [from, to] = [points[after - 1], points[after]];
        if (!to || !from) {
            return (to || points.at(-1))?.y;
        }
        return from.y + ((to.y - from.y) * (x - from.x)) / (to.x - from.x);
    };
    const within = points.filter(({ x }) => x > left && x < right).map(({ y }) => y);
    const middle = (left + right) / 2;
    return [at(left), at(middle), at(right), ...within].filter((y) => y !== undefined);
}
