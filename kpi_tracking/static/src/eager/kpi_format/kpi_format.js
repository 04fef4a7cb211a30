import { getCurrency } from "@web/core/currency";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";

const NARROW_SPACE = "\u202f";
const MINUS = "\u2212";
const STEPS = [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
];
const MOST_DECIMALS = 6; // that a KPI can have
const CAP = 999; // percent, as in the engine
const MAX_RELATIVE = 10; // beyond tenfold a percentage says less than the difference

const NO_UNIT = { kind: "number", decimals: 0, symbol: "", durationUnit: "day" };

/** Fields that a record needs beside its value, so that it can be formatted. */
export const UNIT_FIELDS = [
    { name: "unit", type: "selection", selection: [] },
    { name: "decimals", type: "integer" },
    { name: "currency_id", type: "many2one", relation: "res.currency" },
    { name: "unit_symbol", type: "char" },
    { name: "duration_unit", type: "selection", selection: [] },
];

/**
 * @typedef {Object} Unit
 * @property {string} kind as `unit` of a KPI
 * @property {number} decimals
 * @property {number} [currencyId]
 * @property {string} [symbol]
 * @property {string} [durationUnit]
 */

/** @returns {Unit} the unit that a record's data says */
export function unitOf(data) {
    return {
        kind: data.unit || "number",
        decimals: data.decimals || 0,
        currencyId: data.currency_id?.id,
        symbol: data.unit_symbol || "",
        durationUnit: data.duration_unit || "day",
    };
}

/** @returns {Unit} the unit that the server describes, see `_unit_description` */
export function unitOfAnswer(unit) {
    return { ...NO_UNIT, ...unit };
}

/** @returns {boolean} whether the value still adds up, so that its target does too */
export function isGrowing(data) {
    return Boolean(data.is_running) && data.aggregation_time === "sum";
}

// Aggregations over time whose values grow, or only rise or fall, while a period runs.
const CUMULATIVE = ["sum", "min", "max", "none"];

/** @returns {boolean} whether the value is comparable with those of whole periods */
export function isComparable(data) {
    return !data.is_running || !CUMULATIVE.includes(data.aggregation_time);
}

/**
 * The unit of the target that a value is judged by. What is due of it so far is seldom
 * exact: without a decimal, 4 of 2.67 would be read as 4 of 3, at 150 %.
 */
export function targetUnitOf(data) {
    const unit = unitOf(data);
    const isPart = isGrowing(data) && !Number.isInteger(data.target_value);
    return isPart ? { ...unit, decimals: Math.max(unit.decimals, 1) } : unit;
}

/**
 * A value as a card shows it: three significant digits, the unit apart.
 *
 * @param {number} value
 * @param {Unit} unit
 * @returns {{before: string, number: string, after: string}}
 */
export function kpiParts(value, unit) {
    if (unit.kind === "boolean") {
        return booleanParts(value);
    }
    const rounded = Number(value.toPrecision(3));
    const step = STEPS.find(([size]) => Math.abs(rounded) >= size);
    const [size, letter] = step || [1, ""];
    const scaled = rounded / size;
    const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(scaled) || 1)));
    const digits = step ? decimals : Math.min(decimals, unit.decimals);
    const number = formatFloat(step ? scaled : value, {
        digits: [0, digits],
        trailingZeros: !step,
    });
    return { number, ...symbols(unit, letter) };
}

/** A value in one line, three significant digits. */
export function formatKpi(value, unit) {
    return joinParts(kpiParts(value, unit));
}

/** A change in one line, with its sign. */
export function formatKpiSigned(value, unit) {
    return signed(value, (n) => formatKpi(n, unit));
}

/**
 * A value in full, for a tooltip: the decimals of its KPI, at least two of what has any, and
 * three significant digits of what is smaller still.
 */
export function formatKpiFull(value, unit) {
    const size = Math.abs(value);
    const significant = size > 0 && size < 1 ? 2 - Math.floor(Math.log10(size)) : 2;
    return inFull(value, unit, {
        digits: [0, Math.max(unit.decimals, Math.min(significant, 6))],
        trailingZeros: unit.kind === "currency" && !Number.isInteger(value),
    });
}

/** A value with all its digits, where it is kept or compared. */
export function formatKpiExact(value, unit) {
    return inFull(value, unit, {
        digits: [0, MOST_DECIMALS],
        trailingZeros: false,
    });
}

/** A value with the decimals of its KPI, for a table. */
export function formatKpiRounded(value, unit) {
    return inFull(value, unit, { digits: [0, unit.decimals] });
}

/** Texts before and behind a number that is written in full. */
export function unitSymbols(unit) {
    return symbols(unit, "");
}

/**
 * How a value stands against another: in percent where that means something, in points
 * for percentages, as a difference else. Never an infinite percentage.
 *
 * @param {number} value
 * @param {number} reference
 * @param {Unit} unit
 * @returns {string} with its sign
 */
export function formatChange(value, reference, unit) {
    const difference = value - reference;
    if (unit.kind === "percent") {
        return signed(difference, (n) => formatDistance(n, unit));
    }
    const relative = difference / Math.abs(reference);
    const isPart = value * reference > 0 && Math.abs(relative) < MAX_RELATIVE;
    if (!isPart || unit.kind === "boolean") {
        return signed(difference, (n) => formatDistance(n, unit));
    }
    const percent = relative * 100;
    return signed(percent, (n) => `${plain(n, Math.abs(percent) < 1 ? 1 : 0)}${NARROW_SPACE}%`);
}

/** Distance of two values: in points for percentages, else in their unit. */
export function formatDistance(distance, unit) {
    return unit.kind === "percent"
        ? _t("%s points", plain(distance, 1))
        : formatKpi(distance, { ...unit, kind: differenceKind(unit) });
}

/**
 * An achievement. Less than nothing is reached of no target, however far away it is;
 * beyond the cap nobody knows.
 */
export function formatAchievement(percent) {
    const number = percent >= CAP ? `>${NARROW_SPACE}${CAP}` : plain(Math.max(percent, 0), 0);
    return fromLeft(`${number}${NARROW_SPACE}%`);
}

function differenceKind(unit) {
    return unit.kind === "boolean" ? "number" : unit.kind;
}

function plain(number, decimals) {
    return formatFloat(number, { digits: [0, decimals], trailingZeros: false });
}

function signed(number, format) {
    const text = format(Math.abs(number));
    if (!/[1-9]/.test(text)) {
        return `±${text}`;
    }
    return fromLeft((number < 0 ? MINUS : "+") + text);
}

function booleanParts(value) {
    if (value === 0 || value === 1) {
        return { before: "", number: value ? _t("Yes") : _t("No"), after: "" };
    }
    return { before: "", number: plain(value * 100, 0), after: `${NARROW_SPACE}%` };
}

/** Texts before and behind the number; `letter` counts thousands. */
function symbols(unit, letter) {
    const durations = { minute: _t("min"), hour: _t("h"), day: _t("d") };
    const behind = {
        percent: "%",
        duration: durations[unit.durationUnit],
        custom: unit.symbol,
    };
    const currency = unit.kind === "currency" && getCurrency(unit.currencyId);
    if (currency?.position === "before") {
        return {
            before: currency.symbol + NARROW_SPACE,
            after: letter ? NARROW_SPACE + letter : "",
        };
    }
    if (currency) {
        return { before: "", after: NARROW_SPACE + letter + currency.symbol };
    }
    const words = [letter, behind[unit.kind]].filter(Boolean);
    return { before: "", after: words.map((word) => NARROW_SPACE + word).join("") };
}

function inFull(value, unit, options) {
    const parts =
        unit.kind === "boolean"
            ? booleanParts(value)
            : { number: formatFloat(value, options), ...symbols(unit, "") };
    return joinParts(parts);
}

function joinParts({ before, number, after }) {
    return fromLeft(before + number + after);
}

/** A number reads from the left, with its sign and unit, also where words do not. */
export function fromLeft(text) {
    return localization.direction === "rtl" ? `\u2066${text}\u2069` : text;
}
