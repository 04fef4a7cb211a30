import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { day as writeDay, weekdayName } from "@kpi_base/eager/formatting/formatting";

const { DateTime } = luxon;

/** Days from today to a day: negative before it. */
function daysFrom(today, day) {
    return Math.round(day.startOf("day").diff(today.startOf("day"), "days").days);
}

/**
 * When something is or was due, in words: “Overdue since Nov 6”, “Due tomorrow”.
 *
 * @param {luxon.DateTime} day
 * @param {luxon.DateTime} [today]
 * @returns {string}
 */
export function dueWords(day, today = DateTime.local()) {
    const days = daysFrom(today, day);
    const near = {
        [-1]: _t("Overdue since yesterday"),
        0: _t("Due today"),
        1: _t("Due tomorrow"),
    }[days];
    if (near) {
        return near;
    }
    const date = writeDay(day, today);
    return days < 0 ? _t("Overdue since %s", date) : _t("Due %s", date);
}

/** The same for a day as the server writes it; empty where there is none. */
export function dueOn(date) {
    return date ? dueWords(deserializeDate(date)) : "";
}

/**
 * From when on something is told: “Since yesterday”, “Since Thursday”, “Since Nov 6”.
 *
 * @param {luxon.DateTime} day before today
 * @param {luxon.DateTime} [today]
 * @returns {string}
 */
export function sinceWords(day, today = DateTime.local()) {
    const days = -daysFrom(today, day);
    if (days === 1) {
        return _t("Since yesterday");
    }
    return _t("Since %s", days < 7 ? weekdayName(day.weekday - 1) : writeDay(day, today));
}
