import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { day as writeDay } from "@kpi_base/eager/formatting/formatting";

const { DateTime } = luxon;

/**
 * When something is or was due, in words: “was due 6 Nov”, “due tomorrow”.
 *
 * @param {luxon.DateTime} day
 * @param {luxon.DateTime} [today]
 * @returns {string}
 */
export function dueWords(day, today = DateTime.local()) {
    const days = Math.round(day.startOf("day").diff(today.startOf("day"), "days").days);
    const near = { [-1]: _t("was due yesterday"), 0: _t("due today"), 1: _t("due tomorrow") }[days];
    if (near) {
        return near;
    }
    const date = writeDay(day, today);
    return days < 0 ? _t("was due %s", date) : _t("due %s", date);
}

/** The same for a day as the server writes it; empty where there is none. */
export function dueOn(date) {
    return date ? dueWords(deserializeDate(date)) : "";
}
