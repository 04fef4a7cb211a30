// Days and moments in words, as the table of the reader's language has them.

import { clock, day, moment as formatMoment } from "@kpi_base/eager/formatting/formatting";
import { _t } from "@web/core/l10n/translation";

const DAY = 24 * 3600 * 1000;
const CLOCK = {
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
};
const place = { zone: undefined };
const clocks = new Map(); // by time zone: each takes long to make

/** Whose days and moments are written from now on. */
export function setPlace({ tz }) {
    place.zone = isKnown(() => clockOf(tz)) ? tz : undefined;
}

/** A moment of the server, whose texts are UTC. */
export function momentOf(text) {
    const iso = text.replace(" ", "T");
    return new Date(/Z|[+-]\d\d:\d\d$/.test(iso) ? iso : `${iso}Z`);
}

/** A moment of today as time, else with its day. */
export function writeMoment(moment, now = new Date()) {
    const [at, today] = [local(moment), local(now)];
    const isToday = ["year", "month", "day"].every((part) => at[part] === today[part]);
    return isToday ? clock(at) : formatMoment(at, today);
}

export function writeDay(moment, now = new Date()) {
    return day(local(moment), local(now));
}

/** How old what is shown is: whole days. */
export function ageInDays(moment, now = new Date()) {
    return Math.max(0, Math.floor((now - moment) / DAY));
}

/** “as of 8:55”; past a day how many days ago that is. */
export function writeAsOf(moment, now = new Date()) {
    const days = ageInDays(moment, now);
    if (days === 1) {
        return _t("as of %s, 1 day ago", writeMoment(moment, now));
    }
    return days
        ? _t("as of %(moment)s, %(days)s days ago", { days, moment: writeMoment(moment, now) })
        : _t("as of %s", writeMoment(moment, now));
}

/** What the reader's clock and calendar show at a moment. */
function local(moment) {
    const found = clockOf(place.zone).formatToParts(moment);
    return Object.fromEntries(found.map(({ type, value }) => [type, Number(value)]));
}

function clockOf(zone) {
    if (!clocks.has(zone)) {
        clocks.set(zone, new Intl.DateTimeFormat("en-US", { ...CLOCK, timeZone: zone }));
    }
    return clocks.get(zone);
}

function isKnown(use) {
    try {
        use();
        return true;
    } catch {
        return false;
    }
}
