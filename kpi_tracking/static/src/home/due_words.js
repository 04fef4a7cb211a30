import { deserializeDate, deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import {
    clock,
    day as writeDay,
    weekdayMoment,
    weekdayName,
} from "@kpi_base/eager/formatting/formatting";

const { DateTime } = luxon;
const NEAR_DAYS = 2;
const WEEK = 7;

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

/**
 * The same for a moment: “Overdue since 1:30 PM”, “Due tomorrow, 9:30 AM”, “Due Mon, 4:00 PM”.
 * Its hour is shown while its day is near.
 *
 * @param {luxon.DateTime} moment
 * @param {luxon.DateTime} [now]
 * @returns {string}
 */
export function dueMomentWords(moment, now = DateTime.local()) {
    const days = daysFrom(now, moment);
    if (days < 0 || days >= WEEK) {
        return dueWords(moment, now);
    }
    const time = clock(moment);
    if (moment <= now) {
        return _t("Overdue since %s", time);
    }
    if (days < 2) {
        return days ? _t("Due tomorrow, %s", time) : _t("Due today, %s", time);
    }
    return _t("Due %s", weekdayMoment(moment));
}

/** When an item is or was due, as the server writes it; "" without a date. */
export function dueOn({ date, due_at }) {
    if (due_at) {
        return dueMomentWords(deserializeDateTime(due_at));
    }
    return date ? dueWords(deserializeDate(date)) : "";
}

/** Whether an item is due within the next days. */
export function isDueSoon({ date }) {
    return Boolean(date) && daysFrom(DateTime.local(), deserializeDate(date)) <= NEAR_DAYS;
}

/**
 * The start of what is shown: “Since yesterday”, “Since Thursday”, “Since Nov 6”.
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
    return _t("Since %s", days < WEEK ? weekdayName(day.weekday - 1) : writeDay(day, today));
}
