import { _t } from "@web/core/l10n/translation";
import {
    change as formatChange,
    distance as formatDistance,
    compact as formatKpi,
} from "@kpi_base/eager/formatting/formatting";
import { isComparable, isGrowing, targetUnitOf, unitOf } from "../kpi_format/kpi_unit";
import { UNJUDGED } from "../status_chip/status_chip";

/**
 * At most two comparisons of a KPI's latest value: with its target, and with the value
 * before.
 *
 * A sum, or a count, that still grows is not compared with a full period: the value
 * before is named.
 *
 * @param {Object} data of a `kpi.report` record, with its sparkline
 * @returns {string[]}
 */
export function comparisons(data) {
    if (!data.has_value) {
        return [];
    }
    return [targetComparison(data), previousComparison(data)].filter(Boolean);
}

/** @returns {string} empty where there is no target, or no word for it */
export function targetComparison(data) {
    if (UNJUDGED.includes(data.status)) {
        return "";
    }
    if (data.direction === "range") {
        return rangeComparison(data, unitOf(data));
    }
    const change = formatChange(data.current_value, data.target_value, targetUnitOf(data));
    return isGrowing(data) ? _t("%s vs target to date", change) : _t("%s vs target", change);
}

function rangeComparison(data, unit) {
    const beyond = beyondRange(data);
    if (beyond === null) {
        return "";
    }
    if (beyond < 0) {
        return _t("%s below the range", formatDistance(-beyond, unit));
    }
    if (beyond > 0) {
        return _t("%s above the range", formatDistance(beyond, unit));
    }
    return _t("within the range");
}

/** How far a value is below (negative) or above its range; null where that is not known. */
export function beyondRange(data) {
    const { low, high } = data.sparkline?.points?.at(-1) || {};
    if (typeof low !== "number" || isGrowing(data)) {
        return null;
    }
    const value = data.current_value;
    return Math.min(value - low, 0) || Math.max(value - high, 0);
}

/**
 * @param {Object} data
 * @param {(label: string) => string} [name] how the period before is named
 * @returns {string} “new” where there was nothing before
 */
export function previousComparison(data, name = (label) => label) {
    const unit = unitOf(data);
    if (!data.has_previous) {
        return _t("new");
    }
    // The last point is of the value itself, drawn or not.
    const earlier = (data.sparkline?.points || []).slice(0, -1);
    const before = earlier.findLast(({ value }) => typeof value === "number");
    const label = name(before?.label || _t("before"));
    if (!isComparable(data)) {
        return `${label}: ${formatKpi(data.previous_value, unit)}`;
    }
    if (data.current_value === data.previous_value) {
        return _t("same as %s", label);
    }
    const change = formatChange(data.current_value, data.previous_value, unit);
    return _t("%(change)s vs %(period)s", { change, period: label });
}
