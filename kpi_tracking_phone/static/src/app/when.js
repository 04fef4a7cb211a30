// Days and moments in words: by the browser's own means, which know all languages.

import { _t } from "@web/core/l10n/translation";

const DAY = 24 * 3600 * 1000;
const place = { locale: undefined, zone: undefined };
const formats = new Map(); // by their options: each takes long to make

/** Whose days and moments are written from now on. */
export function setPlace({ lang, tz }) {
    const locale = (lang || "").split("@")[0].replace("_", "-");
    formats.clear();
    place.locale = isKnown(() => new Intl.Locale(locale)) ? locale : undefined;
    place.zone = isKnown(() => format(0, { timeZone: tz })) ? tz : undefined;
}

/** A moment of the server, whose texts are UTC. */
export function momentOf(text) {
    const iso = text.replace(" ", "T");
    return new Date(/Z|[+-]\d\d:\d\d$/.test(iso) ? iso : `${iso}Z`);
}

/** A moment of today as time, else with its day. */
export function writeMoment(moment, now = new Date()) {
    const time = { hour: "numeric", minute: "2-digit" };
    const isToday = writeDay(moment) === writeDay(now);
    return format(moment, isToday ? time : { day: "numeric", month: "short", ...time });
}

export function writeDay(moment) {
    return format(moment, { day: "numeric", month: "short", year: "numeric" });
}

/** Weekday and time, as the head of a page shows them. */
export function writeNow(now = new Date()) {
    return format(now, { weekday: "short", hour: "numeric", minute: "2-digit" });
}

/** How old what is shown is: whole days. */
export function ageInDays(moment, now = new Date()) {
    return Math.max(0, Math.floor((now - moment) / DAY));
}

/** “as of 8:55”; past a day how many days ago that is. */
export function writeAsOf(moment, now = new Date()) {
    const days = ageInDays(moment, now);
    if (days === 1) {
        return _t("as of %s, a day ago", writeMoment(moment, now));
    }
    return days
        ? _t("as of %(moment)s, %(days)s days ago", { days, moment: writeMoment(moment, now) })
        : _t("as of %s", writeMoment(moment, now));
}

function format(moment, options) {
    const named = JSON.stringify(options);
    if (!formats.has(named)) {
        const own = { timeZone: place.zone, ...options };
        formats.set(named, new Intl.DateTimeFormat(place.locale, own));
    }
    return formats.get(named).format(moment);
}

function isKnown(use) {
    try {
        use();
        return true;
    } catch {
        return false;
    }
}
