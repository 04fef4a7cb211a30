import { _t } from "@web/core/l10n/translation";
import { fontOf, placeNumber, spread, WRITING } from "./chart_options";

const NOTE_RADIUS = 8; // pixels
const HALO = 4;

/**
 * Names of lines at their ends, and numbers at some points; where there is no room for
 * a number it is left out.
 *
 * @param {{names?: {color?: string, dataset: number, isDashed?: boolean, text: string,
 *      tone?: string}[],
 *      numbers?: {at: number, dataset: number, text: string, tone: string}[]}} words
 * @param {import("./chart_options").Look} look
 */
export function chartLabels({ names = [], numbers = [] }, look) {
    return {
        id: "kpi_chart_labels",
        afterDatasetsDraw(chart) {
            const { ctx } = chart;
            ctx.save();
            ctx.textBaseline = "middle";
            ctx.lineJoin = "round";
            ctx.lineWidth = look.px(HALO);
            ctx.strokeStyle = look.color("--kpi-paper");
            const taken = drawNames(chart, names, look);
            drawNumbers(chart, numbers, { look, taken });
            ctx.restore();
        },
    };
}

/** Write names beside the ends of their lines, and return where they stand. */
function drawNames(chart, names, { color: read, font, measure, px }) {
    const { chartArea, ctx } = chart;
    const { line, nameGap, swatch } = WRITING;
    const ends = names
        .map((name) => ({ ...name, end: endOf(chart, name.dataset) }))
        .filter(({ end }) => end);
    const heights = spread(
        ends.map(({ end }) => end.y),
        px(line),
        { bottom: chartArea.bottom, top: chartArea.top },
    );
    const left = chartArea.right + px(nameGap);
    const indent = names.some(({ color }) => color) ? px(swatch[0] + 4) : 0;
    ctx.font = fontOf(font);
    ctx.textAlign = "left"; // courses run to the right in every language
    return ends.map(({ color, isDashed, text, tone = "--kpi-ink" }, at) => {
        const y = heights[at];
        if (color) {
            drawSwatch(ctx, { color, isDashed, left, px, y });
        }
        ctx.fillStyle = read(tone);
        ctx.fillText(text, left + indent, y);
        return {
            bottom: y + px(line) / 2,
            left,
            right: left + indent + measure(text),
            top: y - px(line) / 2,
        };
    });
}

function drawSwatch(ctx, { color, isDashed, left, px, y }) {
    const [width, height] = WRITING.swatch.map(px);
    ctx.fillStyle = color;
    const part = isDashed ? 0.4 * width : width;
    ctx.fillRect(left, y - height / 2, part, height);
    if (isDashed) {
        ctx.fillRect(left + width - part, y - height / 2, part, height);
    }
}

/** Where the line of a series ends: at its last forecast, where it has one. */
function endOf(chart, dataset) {
    const further = chart.data.datasets.findIndex(({ seriesAt }) => seriesAt === dataset);
    const { data } = chart.getDatasetMeta(further < 0 ? dataset : further);
    return data.findLast((point) => !point.skip);
}

function drawNumbers(chart, numbers, { look, taken }) {
    const { chartArea, ctx, data } = chart;
    const { color, font, px } = look;
    const bold = { ...font, weight: 500 };
    const lines = data.datasets
        .map(({ isLimit, type = chart.config.type }, at) =>
            type === "line" && !isLimit
                ? chart.getDatasetMeta(at).data.filter((point) => !point.skip)
                : [],
        )
        .filter((points) => points.length);
    const around = {
        area: { ...chartArea, top: 0 },
        gap: px(WRITING.gap),
        line: px(WRITING.line),
        lines,
        taken: [...taken],
    };
    ctx.font = fontOf(bold);
    ctx.textAlign = "left";
    for (const { at, dataset, text, tone } of numbers) {
        const point = chart.getDatasetMeta(dataset).data[at];
        const isAbove = point && "base" in point; // a bar
        const { x } = point || {};
        const y = isAbove ? Math.min(point.y, point.base) : point?.y;
        const width = ctx.measureText(text).width;
        const box = point && !point.skip && placeNumber({ x, y }, width, { ...around, isAbove });
        if (box) {
            around.taken.push(box);
            const middle = (box.top + box.bottom) / 2;
            ctx.fillStyle = color(tone);
            ctx.strokeText(text, box.left, middle);
            ctx.fillText(text, box.left, middle);
        }
    }
}

/** An upright line at the period from which on values are forecasts. */
export function todayLine(place, { color, font, px }) {
    return {
        id: "kpi_today_line",
        beforeDatasetsDraw({ chartArea: { bottom, left, top }, ctx, scales }) {
            const before = Math.floor(place);
            const [x, after] = [before, before + 1].map((at) => scales.x.getPixelForValue(at));
            const here = x + (place - before) * (after - x);
            const text = _t("Today");
            ctx.save();
            ctx.strokeStyle = ctx.fillStyle = color("--kpi-faint");
            ctx.lineWidth = px(1);
            ctx.setLineDash([2, 3].map(px));
            ctx.beginPath();
            ctx.moveTo(here, top);
            ctx.lineTo(here, bottom);
            ctx.stroke();
            ctx.font = fontOf(font);
            ctx.textBaseline = "top";
            const isLeft = here - left > ctx.measureText(text).width + px(6);
            ctx.textAlign = isLeft ? "right" : "left";
            ctx.fillText(text, here + px(isLeft ? -6 : 6), top);
            ctx.restore();
        },
    };
}

/** Write its number above each bar, as far as they fit beside each other. */
export function barNumbers(texts, { color, font, px }) {
    return {
        id: "kpi_bar_numbers",
        afterDatasetsDraw(chart) {
            const { chartArea, ctx } = chart;
            const room = chartArea.width / texts.length;
            ctx.save();
            ctx.fillStyle = color("--kpi-ink");
            ctx.font = fontOf(font);
            ctx.textAlign = "center";
            ctx.textBaseline = "bottom";
            chart.getDatasetMeta(0).data.forEach((bar, at) => {
                if (ctx.measureText(texts[at]).width <= room) {
                    ctx.fillText(texts[at], bar.x, Math.min(bar.y, bar.base) - px(4));
                }
            });
            ctx.restore();
        },
    };
}

/** Number the periods on which somebody noted something; notes of one period stand in a row. */
export function noteMarks(notes, { color, font, px }) {
    const radius = px(NOTE_RADIUS);
    return {
        id: "kpi_note_marks",
        afterDraw(chart) {
            const { chartArea, ctx, scales } = chart;
            const used = new Map();
            ctx.save();
            ctx.font = fontOf(font);
            ctx.textAlign = "center";
            ctx.textBaseline = "middle";
            notes.forEach((note, at) => {
                const before = used.get(note.place) || 0;
                used.set(note.place, before + 1);
                const x = scales.x.getPixelForValue(note.place) + before * (2 * radius + px(2));
                const y = chartArea.top - radius - px(2);
                if (Number.isFinite(x)) {
                    ctx.beginPath();
                    ctx.arc(x, y, radius, 0, 2 * Math.PI);
                    ctx.fillStyle = color("--kpi-target");
                    ctx.fill();
                    ctx.fillStyle = color("--kpi-paper");
                    ctx.fillText(at + 1, x, y + px(0.5));
                }
            });
            ctx.restore();
        },
    };
}
