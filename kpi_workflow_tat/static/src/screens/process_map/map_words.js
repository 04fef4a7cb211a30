import { _t } from "@web/core/l10n/translation";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const count = (number) => formatInteger(number);

/** A number with three digits that count. */
function threeDigits(number) {
    const digits = number >= 100 ? 0 : number >= 10 ? 1 : 2;
    return formatFloat(number, { digits: [16, digits], trailingZeros: false });
}

/** Seconds as people say them; working time stays in hours, whose days differ. */
export function tellTime(seconds, isWorked = false) {
    if (seconds === null || seconds === undefined) {
        return "";
    }
    if (seconds < MINUTE) {
        return _t("%s s", threeDigits(seconds));
    }
    if (seconds < HOUR) {
        return _t("%s min", threeDigits(seconds / MINUTE));
    }
    if (isWorked || seconds < 2 * DAY) {
        return _t("%s h", threeDigits(seconds / HOUR));
    }
    return _t("%s d", threeDigits(seconds / DAY));
}

/** What stands at a path. */
export function labelOf(path, shown) {
    return shown === "count"
        ? count(path.count)
        : tellTime(path[`${shown}_seconds`], shown === "worked");
}

function times(number) {
    return number === 1 ? _t("once") : _t("%s times", count(number));
}

/** A path in words, for those who do not see it. */
export function tellPath(path, names) {
    const parts = [
        _t("%(source)s, then %(target)s", names),
        times(path.count),
        _t("requests: %s", count(path.case_count)),
    ];
    if (path.wall_seconds !== null) {
        parts.push(_t("median %s", tellTime(path.wall_seconds)));
        parts.push(_t("working time %s", tellTime(path.worked_seconds, true)));
    }
    if (path.return_count) {
        parts.push(_t("repeated: %s", count(path.return_count)));
    }
    return parts.join(", ");
}

/** An activity in words. */
export function tellActivity(activity) {
    const parts = [
        activity.name,
        times(activity.count),
        _t("requests: %s", count(activity.case_count)),
    ];
    if (activity.rework_count) {
        parts.push(_t("repeated: %s", count(activity.rework_count)));
    }
    return parts.join(", ");
}
