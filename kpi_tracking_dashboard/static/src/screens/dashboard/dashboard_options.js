const COMPARISONS = ["previous", "year", "none"];
const SCOPES = ["company", "department", "team", "user"];
const GRAINS = ["day", "week", "month", "quarter", "year"];
const DAY = /^(19|2\d)\d\d-\d\d-\d\d$/; // calendars begin in 1900
const MOST_PERIODS = 60;
const { DateTime } = luxon;

/** The choices of a dashboard as keys of an address; undefined takes a key out of it. */
export function toAddress({ comparison, cross, grain, periods, scope, start }) {
    return {
        grain: grain || undefined,
        start: start || undefined,
        periods: periods || undefined,
        comparison: comparison || undefined,
        scope: scope ? `${scope.type}-${scope.id}` : undefined,
        cross: cross ? `${cross.breakdown}:${cross.key}` : undefined,
    };
}

/** The choices that an address stands for; what makes no sense is left out. */
export function fromAddress(state) {
    const options = {};
    if (GRAINS.includes(state.grain)) {
        options.grain = state.grain;
    }
    if (DAY.test(state.start) && DateTime.fromISO(state.start).isValid) {
        options.start = state.start;
    }
    const periods = Number(state.periods);
    if (Number.isInteger(periods) && periods >= 1 && periods <= MOST_PERIODS) {
        options.periods = periods;
    }
    if (COMPARISONS.includes(state.comparison)) {
        options.comparison = state.comparison;
    }
    const [type, id] = String(state.scope || "").split("-");
    if (SCOPES.includes(type) && /^\d+$/.test(id)) {
        options.scope = { type, id: Number(id) };
    }
    const [breakdown, ...key] = String(state.cross || "").split(":");
    if (breakdown && key.length) {
        options.cross = { breakdown, key: key.join(":") };
    }
    return options;
}
