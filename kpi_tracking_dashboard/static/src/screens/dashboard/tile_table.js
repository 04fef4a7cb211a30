import { _t } from "@web/core/l10n/translation";
import {
    achievement as formatAchievement,
    compact as formatKpi,
    full as formatKpiFull,
    fixed as formatKpiRounded,
} from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { expectedRange } from "@kpi_tracking/eager/kpi_format/expected_text";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";
import { expectedAlong, hasPast } from "./expected";
import { percent } from "@kpi_base/eager/formatting/formatting";

const GAP = "–";
const UPRIGHT = { heatmap: heatTable, table: seriesTable }; // periods are columns

/**
 * @typedef {Object} Table
 * @property {string} corner
 * @property {string[]} columns
 * @property {{name: string, isTotal?: boolean, place: Object|null, part?: Object,
 *      cells: {text: string, exact?: string, status?: Object, share?: number}[]}[]} rows
 */

/** @returns {boolean} whether a tile draws numbers that a table can tell as well */
export function hasTable({ chart, kind, parts }) {
    return Boolean(chart || parts) && kind !== "table";
}

/** @returns {boolean} whether periods are columns */
export function isUpright({ kind }) {
    return kind in UPRIGHT;
}

/** @returns {Table} what a tile draws, as a table */
export function tableOf(tile) {
    if (tile.parts) {
        return partsTable(tile.parts);
    }
    if (tile.chart.points) {
        return pointsTable(tile.chart);
    }
    return isUpright(tile) ? UPRIGHT[tile.kind](tile.chart) : coursesTable(tile.chart);
}

function partsTable({ rows, unit }) {
    return {
        corner: _t("Part"),
        columns: [_t("Value"), _t("Share")],
        rows: rows.map((row) => ({
            name: row.name,
            isTotal: row.is_total,
            place: isPlace(row) ? { report_id: row.report_id || null } : null,
            part: row,
            cells: [number(row.value, unit), { text: share(row.share) }],
        })),
    };
}

/** @returns {boolean} whether a part leads somewhere: to its records or its KPI */
export function isPlace({ is_total, key, report_id }) {
    return !is_total && (key !== null || Boolean(report_id));
}

function pointsTable({ names, points, units }) {
    return {
        corner: "",
        columns: names || [_t("Horizontal"), _t("Vertical")],
        rows: points.map((point) => ({
            name: point.name,
            place: null,
            cells: [number(point.x, units[0]), number(point.y, units[1])],
        })),
    };
}

/** A row per period, the latest first, and those to come before them; a target that a sum is to
 * reach later says so. */
function coursesTable(chart) {
    const { categories, coming, series, starts, unit } = chart;
    const last = categories.length - 1;
    const past = series.filter(hasPast);
    const aimed = series.filter((each) => each.targets?.some(isKnown));
    const targetName = (each) => (past.length > 1 ? _t("Target of %s", each.name) : _t("Target"));
    const further = coming?.categories || [];
    const goingOn = series
        .filter(({ expected }) => expected)
        .map((each) => ({ ...each, along: expectedAlong(each.expected, categories.length) }));
    const rows = [...categories, ...further].map((name, at) => ({
        name: at > last ? _t("%s (forecast)", name) : name,
        place: starts?.length && at <= last ? { place: at } : null,
        cells: [
            ...past.map((each) =>
                number(each.values[at], unitOfSeries(each, unit), status(each, at)),
            ),
            ...goingOn.map((each) => expectedCell(each.along[at], unitOfSeries(each, unit))),
            ...aimed.map((each) => {
                const cell = number(each.targets[at], unitOfSeries(each, unit));
                const isLater = each.is_additive && chart.is_running && at === last;
                return isLater && isKnown(each.targets[at])
                    ? { ...cell, text: _t("%s for the full period", cell.text) }
                    : cell;
            }),
        ],
    }));
    const expectedName = (each) => {
        if (!hasPast(each)) {
            return each.name; // all of it is expected
        }
        return past.length > 1
            ? _t("Forecast of %(name)s (%(share)s)", { name: each.name, share: percent(0.8, 0) })
            : _t("Forecast (%s)", percent(0.8, 0));
    };
    return {
        corner: starts?.length ? _t("Period") : "",
        columns: [
            ...past.map((each) => each.name),
            ...goingOn.map(expectedName),
            ...aimed.map(targetName),
        ],
        rows: starts?.length ? rows.reverse() : rows,
    };
}

/** What is expected of a period and its limits; empty where nothing is. */
function expectedCell(expected, unit) {
    if (!expected) {
        return { text: "" };
    }
    const told = unitOfAnswer(unit);
    return {
        text: expectedRange(expected, (value) => formatKpiRounded(value, told)),
        exact: expectedRange(expected, (value) => formatKpiFull(value, told)),
    };
}

/** Shades instead of statuses, and numbers short enough to be compared at a glance. */
function heatTable(chart) {
    const scale = scaleOf(chart.series);
    const table = seriesTable(chart);
    table.rows.forEach((row, line) => {
        const { unit = chart.unit, values } = chart.series[line];
        row.cells = values.map((value, at) => ({
            exact: row.cells[at].exact,
            share: scale(value),
            text: isKnown(value) ? formatKpi(value, unitOfAnswer(unit)) : GAP,
        }));
    });
    return table;
}

/** A row per KPI or part, a column per period. */
function seriesTable({ categories, series, unit }) {
    return {
        corner: "",
        columns: categories,
        rows: series.map((each) => ({
            name: each.name,
            place: each.report_id ? { report_id: each.report_id } : null,
            cells: each.values.map((value, at) =>
                number(value, unitOfSeries(each, unit), status(each, at)),
            ),
        })),
    };
}

/** KPIs of one tile may have units of their own. */
function unitOfSeries(series, unit) {
    return series.unit || unit;
}

/** Where a number lies between the lowest and the highest of a tile, from 0 to 1. */
function scaleOf(series) {
    const known = series.flatMap((each) => each.values).filter(isKnown);
    const low = Math.min(...known, 0);
    const span = Math.max(...known, 0) - low;
    return (value) => (isKnown(value) && span ? (value - low) / span : undefined);
}

function status({ statuses }, at) {
    const shown = STATUSES[statuses?.[at]];
    return shown && shown.tone !== "muted" ? shown : undefined;
}

function number(value, unit, shown) {
    if (!isKnown(value)) {
        return { text: GAP };
    }
    const told = unitOfAnswer(unit);
    return {
        text: formatKpiRounded(value, told),
        exact: formatKpiFull(value, told),
        status: shown,
    };
}

function share(ratio) {
    return isKnown(ratio) ? formatAchievement(100 * ratio) : "";
}

function isKnown(value) {
    return typeof value === "number";
}
