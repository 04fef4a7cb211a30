import { _t } from "@web/core/l10n/translation";

const LINE = 14; // pixels between two names
const RADIUS = 8;

/** Name each line at its end, instead of a legend; names that would touch move apart. */
export function directLabels(count, ink) {
    return {
        id: "kpi_direct_labels",
        afterDatasetsDraw(chart) {
            const { chartArea, ctx } = chart;
            const ends = Array.from({ length: count }, (_each, at) => ({
                color: chart.data.datasets[at].borderColor,
                name: chart.data.datasets[at].label,
                point: endOf(chart, at),
            })).filter(({ point }) => point);
            const room = chart.width - chartArea.right - 14;
            ctx.save();
            ctx.textAlign = "left"; // courses run to the right in every language
            ctx.textBaseline = "middle";
            spread(ends, chartArea).forEach(({ color, name, y }) => {
                ctx.fillStyle = color;
                ctx.fillRect(chartArea.right + 6, y - 1.5, 6, 3);
                ctx.fillStyle = ink;
                ctx.fillText(shortened(ctx, name, room), chartArea.right + 15, y);
            });
            ctx.restore();
        },
    };
}

/** Where the line of a series ends: at what is expected last, where it goes on. */
function endOf(chart, at) {
    const further = chart.data.datasets.findIndex(({ seriesAt }) => seriesAt === at);
    const { data } = chart.getDatasetMeta(further < 0 ? at : further);
    return data.findLast((point) => !point.skip);
}

/** Name what is expected over the periods to come, where their lines leave more room. */
export function expectedMark(count, ink) {
    return {
        id: "kpi_expected_mark",
        afterDatasetsDraw(chart) {
            const { chartArea, ctx, scales } = chart;
            const text = _t("Expected");
            const { max, min } = scales.y;
            const known = chart.data.datasets
                .filter(({ isExpected, isLimit }) => isExpected || isLimit)
                .flatMap(({ data }) => data.slice(count))
                .filter((value) => typeof value === "number");
            const isHigh = Math.max(...known) > max - (max - min) / 4;
            const isLow = Math.min(...known) < min + (max - min) / 4;
            if (!known.length || (isHigh && isLow)) {
                return;
            }
            ctx.save();
            ctx.fillStyle = ink;
            ctx.textAlign = "right"; // courses run to the right in every language
            ctx.textBaseline = isHigh ? "bottom" : "top";
            ctx.fillText(text, chartArea.right, isHigh ? chartArea.bottom - 2 : chartArea.top);
            ctx.restore();
        },
    };
}

/** Heights at which names stand: those of their lines, a line apart. */
function spread(ends, { bottom }) {
    let free = -Infinity;
    const placed = ends
        .sort((a, b) => a.point.y - b.point.y)
        .map((end) => {
            const y = Math.max(end.point.y, free);
            free = y + LINE;
            return { ...end, y };
        });
    const over = Math.max(0, (placed.at(-1)?.y ?? 0) - bottom);
    return placed.map((end) => ({ ...end, y: end.y - over }));
}

function shortened(ctx, name, room) {
    let text = name;
    while (text.length > 1 && ctx.measureText(text).width > room) {
        text = `${text.slice(0, -2).trimEnd()}…`;
    }
    return text;
}

/** Write its number above each bar, as far as they fit beside each other. */
export function valueLabels(texts, ink) {
    return {
        id: "kpi_value_labels",
        afterDatasetsDraw(chart) {
            const { chartArea, ctx } = chart;
            const room = chartArea.width / texts.length;
            ctx.save();
            ctx.fillStyle = ink;
            ctx.textAlign = "center";
            chart.getDatasetMeta(0).data.forEach((bar, at) => {
                if (ctx.measureText(texts[at]).width <= room) {
                    ctx.fillText(texts[at], bar.x, Math.min(bar.y, bar.base) - 5);
                }
            });
            ctx.restore();
        },
    };
}

/** Number the periods on which somebody noted something; notes of one period stand in a row. */
export function noteMarks(notes, { ink, ground }) {
    return {
        id: "kpi_note_marks",
        afterDraw(chart) {
            const { chartArea, ctx, scales } = chart;
            const used = new Map();
            ctx.save();
            ctx.textAlign = "center";
            ctx.textBaseline = "middle";
            notes.forEach((note, at) => {
                const before = used.get(note.place) || 0;
                used.set(note.place, before + 1);
                const x = scales.x.getPixelForValue(note.place) + before * (2 * RADIUS + 2);
                if (Number.isFinite(x)) {
                    mark(ctx, x, chartArea.top - RADIUS, { text: at + 1, ink, ground });
                }
            });
            ctx.restore();
        },
    };
}

function mark(ctx, x, y, { text, ink, ground }) {
    ctx.beginPath();
    ctx.arc(x, y, RADIUS, 0, 2 * Math.PI);
    ctx.fillStyle = ink;
    ctx.fill();
    ctx.fillStyle = ground;
    ctx.fillText(text, x, y + 0.5);
}
