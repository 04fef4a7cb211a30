import { _t } from "@web/core/l10n/translation";

export const COLORS = [
    ["danger", _t("Red")],
    ["warning", _t("Yellow")],
    ["success", _t("Green")],
    ["info", _t("Blue")],
    ["muted", _t("Gray")],
];
export const MOST_ZONES = 10;
const USUAL = [
    { from: null, to: 80, color: "danger" },
    { from: 80, to: 95, color: "warning" },
    { from: 95, to: null, color: "success" },
];
const STEPS = 200; // over the full bar

/** @returns {Object[]|null} zones of a JSON text; null where it cannot be read */
export function zonesOf(text) {
    try {
        const zones = JSON.parse(text);
        return Array.isArray(zones) && zones.length ? zones : null;
    } catch {
        return null;
    }
}

/** @returns {string} JSON text of zones, as the server checks it */
export function textOf(zones) {
    return JSON.stringify(zones);
}

export function usualZones() {
    return USUAL.map((zone) => ({ ...zone }));
}

/** Numbers that divide the zones. */
export function limitsOf(zones) {
    return zones.slice(0, -1).map((zone) => zone.to);
}

/** The zones with another number between a zone and the next one. */
export function withLimit(zones, at, limit) {
    return zones.map((zone, i) => ({
        ...zone,
        ...(i === at ? { to: limit } : {}),
        ...(i === at + 1 ? { from: limit } : {}),
    }));
}

/** The zones with one more at the end. */
export function withOneMore(zones) {
    const last = zones.at(-1);
    const limits = limitsOf(zones);
    const limit = limits.length ? limits.at(-1) + stepBetween(limits) : 100;
    const used = new Set(zones.map((zone) => zone.color));
    const color = COLORS.map(([name]) => name).find((name) => !used.has(name)) || "muted";
    return [
        ...zones.slice(0, -1),
        { ...last, to: limit },
        { from: limit, to: last.to ?? null, color },
    ];
}

/** The zones without one; its neighbour takes its range. */
export function without(zones, at) {
    const rest = zones.filter((_zone, i) => i !== at).map((zone) => ({ ...zone }));
    if (at === 0) {
        rest[0].from = zones[0].from ?? null;
    } else {
        rest[at - 1].to = zones[at].to ?? null;
    }
    return rest;
}

/** Reason why zones cannot be saved, in words; empty if they can. */
export function problemOf(zones) {
    const limits = limitsOf(zones);
    const missing = limits.findIndex((limit) => !Number.isFinite(limit));
    if (missing >= 0) {
        return _t("Enter the end of zone %s.", missing + 1);
    }
    const turned = limits.findIndex((limit, i) => i && limit <= limits[i - 1]);
    if (turned > 0) {
        return _t("Zone %s must end above its start.", turned + 1);
    }
    return "";
}

/** A number on the bar, brought to a round step and limited to between its neighbours. */
export function fitted(zones, at, number, scale) {
    const step = stepOf(scale);
    const limits = limitsOf(zones);
    const lowest = at > 0 ? limits[at - 1] + step : -Infinity;
    const highest = at + 1 < limits.length ? limits[at + 1] - step : Infinity;
    const rounded = Number((Math.round(number / step) * step).toPrecision(12));
    return Math.min(Math.max(rounded, lowest), highest);
}

/** The step of a key: a power of ten below a hundredth of the bar. */
export function stepOf({ high, low }) {
    return 10 ** Math.ceil(Math.log10((high - low) / STEPS));
}

function stepBetween(limits) {
    const span = limits.at(-1) - limits[0];
    return span > 0 ? span / (limits.length - 1) : Math.abs(limits[0]) / 4 || 10;
}
