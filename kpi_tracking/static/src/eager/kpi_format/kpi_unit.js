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
 * exact: without a decimal, 4 of 2.67 would be read as 4 of 3, at 150%.
 */
export function targetUnitOf(data) {
    const unit = unitOf(data);
    const isPart = isGrowing(data) && !Number.isInteger(data.target_value);
    return isPart ? { ...unit, decimals: Math.max(unit.decimals, 1) } : unit;
}
