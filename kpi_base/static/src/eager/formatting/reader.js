import { currencies } from "@web/core/currency";
import { session } from "@web/session";
import { day, moment, setTable } from "./formatting";

const { DateTime } = luxon;

// The table of the reader's language comes with the session.
setTable(session.kpi_formatting, (id) => currencies[id]);

/** @param {luxon.DateTime} value @returns {string} “Nov 6”, with its year if that is another */
export function formatDay(value, form = "day") {
    return value ? day(value, DateTime.local(), form) : "";
}

/** @param {luxon.DateTime} value @returns {string} “Nov 6, 2:30 PM” */
export function formatMoment(value) {
    return value ? moment(value, DateTime.local()) : "";
}
