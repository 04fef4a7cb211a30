// Dates, numbers, percents and values of KPIs as the reader's language writes them.
//
// The same functions with the same results are in `kpi_base/engine/formatting.py`; both are
// tested with `static/tests/formatting_cases.json`. What a language has in it comes in a table
// that the server makes: with the session of the web client (`reader.js`), with the data of a
// page elsewhere. Nothing of the web client is imported, so that any page can use it.

const NARROW_SPACE = "\u202f";
const MINUS = "\u2212";
// A text between these neither turns the words around it nor is turned by them.
const ISOLATE = "\u2068";
const END = "\u2069";
const FROM_LEFT = "\u200e";
const CAP = 999; // percent, as in the engine of KPIs
const LIMITS_STEP = 5; // percent, in whose steps limits of statuses usually are
const ROUNDING = 1e-9; // percent, by which numbers may differ from what they are
const MAX_RELATIVE = 10; // beyond tenfold a percentage says less than the difference
const MAX_DECIMALS = 6;
const MOST_DECIMALS = 100; // that a browser writes
const EXACT = 2 ** 48; // beyond, the slack would be seen
const SLACK = 2 ** -50;
export const STEPS = [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
];

const MONTHS =
    "January February March April May June July August September October November December";
const DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday";
const months = MONTHS.split(" ");
const days = DAYS.split(" ");
const short = (names) => names.map((name) => name.slice(0, 3));

/** American English, until there is a table, and where there is none. */
export const ENGLISH = {
    code: "en_US",
    rtl: false,
    decimal: ".",
    thousands: ",",
    grouping: [3, 0],
    percent: ["", "%"],
    months: { MMM: short(months), MMMM: months, LLL: short(months), LLLL: months },
    weekdays: { E: short(days), EEEE: days, cccc: days },
    quarters: ["Q1", "Q2", "Q3", "Q4"],
    halves: ["AM", "PM"],
    patterns: {
        day: "{MMM} {d}",
        day_year: "{MMM} {d}, {y}",
        weekday: "{E}, {MMM} {d}",
        weekday_year: "{E}, {MMM} {d}, {y}",
        month: "{MMM} {y}",
        long_month: "{MMMM} {y}",
        quarter: "{QQQ} {y}",
        full: "{EEEE}, {MMMM} {d}, {y}",
        time: "{h}:{mm} {a}",
        seconds: "{h}:{mm}:{ss} {a}",
        moment: "{day}, {time}",
    },
    words: {
        yes: "Yes",
        no: "No",
        point: "%s point",
        points: "%s points",
        minute: "min",
        hour: "h",
        day: "d",
        week: "W%(week)s %(year)s",
    },
};

let table = ENGLISH;
let getCurrency = () => undefined;

/**
 * Sets the language in which everything is written from now on.
 *
 * @param {Object} [given] as `language_table` of Python; American English if there is none
 * @param {(id: number) => {symbol: string, position: string}} [findCurrency]
 */
export function setTable(given, findCurrency) {
    table = given || ENGLISH;
    getCurrency = findCurrency || getCurrency;
}

/** @returns {Object} the table that is used now */
export function getTable() {
    return table;
}

const two = (number) => String(number).padStart(2, "0");
const FIELDS = {
    d: (at) => at.day,
    dd: (at) => two(at.day),
    M: (at) => at.month,
    MM: (at) => two(at.month),
    L: (at) => at.month,
    LL: (at) => two(at.month),
    y: (at) => at.year,
    yy: (at) => two(at.year % 100),
    yyyy: (at) => String(at.year).padStart(4, "0"),
    E: (at) => table.weekdays.E[weekday(at)],
    EEE: (at) => table.weekdays.E[weekday(at)],
    EEEE: (at) => table.weekdays.EEEE[weekday(at)],
    cccc: (at) => table.weekdays.cccc[weekday(at)],
    ccc: (at) => table.weekdays.E[weekday(at)],
    Q: (at) => Math.ceil(at.month / 3),
    QQQ: (at) => table.quarters[Math.ceil(at.month / 3) - 1],
    h: (at) => at.hour % 12 || 12,
    hh: (at) => two(at.hour % 12 || 12),
    H: (at) => at.hour,
    HH: (at) => two(at.hour),
    mm: (at) => two(at.minute),
    a: (at) => table.halves[at.hour >= 12 ? 1 : 0],
};
for (const name of ["MMM", "MMMM", "LLL", "LLLL"]) {
    FIELDS[name] = (at) => table.months[name][at.month - 1];
}

/**
 * @typedef {string | {year: number, month: number, day: number}} Local a day or moment where the
 *     reader is: as ISO text, or with these fields, as luxon's dates have them
 */

/** @param {Local} value @returns {{year, month, day, hour, minute}} */
function read(value) {
    if (typeof value !== "string") {
        return value;
    }
    const [year, month, day, hour = 0, minute = 0] = value.match(/\d+/g).map(Number);
    return { year, month, day, hour, minute };
}

function utc({ year, month, day }) {
    const date = new Date(Date.UTC(2000, month - 1, day));
    date.setUTCFullYear(year); // years below 100 are not of the last century
    return date;
}

function weekday(at) {
    return (utc(at).getUTCDay() + 6) % 7; // 0 = Monday
}

function writeDate(name, at) {
    return table.patterns[name].replace(/\{(\w+)\}/g, (_all, field) => FIELDS[field](at));
}

/**
 * A day: “Nov 6”, “6. Nov.”, with its year if that is not the one of `today`.
 *
 * @param {Local} value
 * @param {Local} [today]
 * @param {"day" | "weekday"} [form] `weekday` also names the day of the week
 */
export function day(value, today, form = "day") {
    const at = read(value);
    const isThisYear = today && at.year === read(today).year;
    return writeDate(isThisYear ? form : `${form}_year`, at);
}

/** A day with all its names: “Friday, November 6, 2026”. */
export function fullDay(value) {
    return writeDate("full", read(value));
}

/** The time of a day, to the minute: “2:30 PM”, “14:30”. */
export function clock(value) {
    return writeDate("time", read(value));
}

/** A moment where the reader is, to the minute: “Nov 6, 2:30 PM”. */
export function moment(value, today) {
    return table.patterns.moment
        .replace("{day}", () => day(value, today))
        .replace("{time}", () => clock(value));
}

/** A moment of the next days: “Fri, 2:30 PM”. */
export function weekdayMoment(value) {
    const at = read(value);
    return table.patterns.moment
        .replace("{day}", () => table.weekdays.E[weekday(at)])
        .replace("{time}", () => clock(at));
}

/** A month: “Nov 2026”, or “November 2026”. */
export function month(value, isLong = false) {
    return writeDate(isLong ? "long_month" : "month", read(value));
}

/** The name of a month (1 to 12) that stands alone: “November”. */
export function monthName(number) {
    return table.months.LLLL[number - 1];
}

/** The name of a day of the week (0 = Monday) that stands alone. */
export function weekdayName(number) {
    return table.weekdays.cccc[number];
}

/**
 * A period: “Nov 2026”, “Q4 2026”, “W45 2026”. Where months or years do not follow the wall
 * calendar, it is named by its first and last month or day.
 *
 * @param {Local} start
 * @param {"day" | "week" | "month" | "quarter" | "year"} grain
 * @param {Local} [stop] first day after it, where it may not be a usual one
 * @param {boolean} [isIsoWeek] weeks begin on Mondays and have numbers
 */
export function period(start, grain, stop, isIsoWeek = true) {
    const first = read(start);
    if (grain === "week" && isIsoWeek) {
        const { week, year } = isoWeek(first);
        return table.words.week.replace("%(week)s", week).replace("%(year)s", year);
    }
    const end = stop && read(stop);
    const name = periodPattern(first, grain, end);
    const write = (at) => (name === "year" ? String(at.year) : writeDate(name, at));
    if (!end) {
        return write(first);
    }
    const last = utc(end);
    last.setUTCDate(last.getUTCDate() - 1);
    const until = write({
        year: last.getUTCFullYear(),
        month: last.getUTCMonth() + 1,
        day: last.getUTCDate(),
    });
    return write(first) === until ? until : `${write(first)} – ${until}`;
}

/** Coarsest pattern that names the period without doubt. */
function periodPattern(start, grain, stop) {
    if (["day", "week"].includes(grain) || start.day !== 1 || (stop && stop.day !== 1)) {
        return "day_year";
    }
    if (grain === "quarter" && start.month % 3 === 1) {
        return "quarter";
    }
    return grain === "year" && start.month === 1 ? "year" : "month";
}

function isoWeek(at) {
    const thursday = utc(at);
    thursday.setUTCDate(thursday.getUTCDate() - weekday(at) + 3);
    const year = thursday.getUTCFullYear();
    const passed = (thursday - utc({ year, month: 1, day: 1 })) / (24 * 3600 * 1000);
    return { year, week: Math.floor(passed / 7) + 1 };
}

/** Half away from zero, never to −0; a half less by the last bits only is one. */
function roundHalf(value, decimals) {
    const scaled = Math.abs(value) * 10 ** decimals;
    if (!(scaled < EXACT)) {
        return value; // has no more decimals; or is no number
    }
    const rounded = Math.floor(scaled * (1 + SLACK) + 0.5) / 10 ** decimals;
    return (value < 0 ? -rounded : rounded) + 0;
}

/** Parts a whole number into groups, from its end: 1,234,567 or 12,34,567. */
function groupDigits(digits) {
    const sign = digits.startsWith("-") ? "-" : "";
    let rest = digits.slice(sign.length);
    let size = 0;
    const groups = [];
    for (let place = 0; rest && table.thousands;) {
        const given = table.grouping[place];
        if (given === undefined || given === -1 || (given === 0 && !size)) {
            break;
        }
        if (given !== 0) {
            size = given;
            place++;
        }
        groups.unshift(rest.slice(-size));
        rest = rest.slice(0, -size);
    }
    return sign + [...(rest ? [rest] : []), ...groups].join(table.thousands);
}

/** A number with so many decimals; nothing has no sign. */
export function number(value, decimals) {
    const rounded = roundHalf(value, decimals);
    const [whole, fraction] = fixedText(rounded, decimals).split(".");
    const text = groupDigits(whole);
    return fraction ? `${text}${table.decimal}${fraction}` : text;
}

/** As `toFixed`, which writes 1e21 and more with an exponent. */
function fixedText(value, decimals) {
    if (Math.abs(value) < 1e21 || !Number.isFinite(value)) {
        return value.toFixed(decimals);
    }
    return decimals ? `${BigInt(value)}.${"0".repeat(decimals)}` : String(BigInt(value));
}

/** A number with at most so many decimals, none that add nothing: 12, 12.5. */
export function plain(value, decimals) {
    const rounded = roundHalf(value, decimals);
    let digits = decimals;
    while (digits && roundHalf(rounded, digits - 1) === rounded) {
        digits--;
    }
    return number(rounded, digits);
}

/** Decimals with which a number has so many significant digits. */
function significantDecimals(value, digits) {
    const exponent = Math.floor(Math.log10(Math.abs(value) || 1));
    return Math.min(Math.max(0, digits - 1 - exponent), MOST_DECIMALS);
}

/**
 * A number with at most so many significant digits: 1.5, 140, 0.00123.
 *
 * Those before the decimal point are all written.
 */
export function significant(value, digits) {
    return plain(value, significantDecimals(value, digits));
}

/** A share, 0 to 1, in percent: “12%”, “12.5%”, in German “12,5 %”. */
export function percent(ratio, digits = 1) {
    return percentText(plain(100 * ratio, digits));
}

/** A number that is written already, as a percentage. */
export function percentText(text) {
    return isolate(percentSign(text));
}

/** As `percentText`, to be put beside a sign: without an isolate. */
export function percentSign(text) {
    const [before, after] = table.percent;
    const [start, rest] = signFirst(before, text);
    return `${start}${rest}${after}`;
}

/** Holds a number, its sign and its unit together where words run from the right. */
export function isolate(text) {
    if (!table.rtl) {
        return text;
    }
    const start = /^[-\u2212+±>]/.test(text) ? FROM_LEFT : "";
    return `${ISOLATE}${start}${text}${END}`;
}

/** A text without its isolate, to be put into another one. */
export function bare(text) {
    return text.replace(/^\u2068\u200e?/, "").replace(/\u2069$/, "");
}

/**
 * @typedef {Object} Unit
 * @property {string} kind as `unit` of a KPI
 * @property {number} decimals
 * @property {number} [currencyId]
 * @property {{symbol: string, position: string}} [currency] instead of its id
 * @property {string} [symbol]
 * @property {string} [durationUnit]
 */

/**
 * A value with three significant digits, the unit apart.
 *
 * @param {number} value
 * @param {Unit} unit
 * @returns {{before: string, number: string, after: string}}
 */
export function compactParts(value, unit) {
    if (unit.kind === "boolean") {
        return booleanParts(value);
    }
    const rounded = Number(value.toPrecision(3));
    const step = STEPS.find(([size]) => Math.abs(rounded) >= size);
    const [size, letter] = step || [1, ""];
    const scaled = rounded / size;
    const decimals = significantDecimals(scaled, 3);
    const text = step ? plain(scaled, decimals) : number(value, Math.min(decimals, unit.decimals));
    return withUnit(unit, text, letter);
}

/** A value in one line, three significant digits: “2.49 M€”. */
export function compact(value, unit) {
    return joinParts(compactParts(value, unit));
}

/** A value with the decimals of its KPI, for a table. */
export function fixed(value, unit) {
    return joinParts(split(value, unit, number(value, unit.decimals)));
}

/** A value with all its digits. */
export function exact(value, unit) {
    return joinParts(split(value, unit, plain(value, Math.max(unit.decimals, MAX_DECIMALS))));
}

/**
 * A value in full, for a tooltip: the decimals of its KPI, at least two of what has any, and
 * three significant digits of what is smaller still.
 */
export function full(value, unit) {
    const size = Math.abs(value);
    const least = size < 1 ? significantDecimals(value, 3) : 2;
    const decimals = Math.max(unit.decimals, Math.min(least, MAX_DECIMALS));
    const isMoney = unit.kind === "currency" && !Number.isInteger(value);
    return joinParts(split(value, unit, (isMoney ? number : plain)(value, decimals)));
}

/** A change in one line, with its sign. */
export function signedCompact(value, unit) {
    return addSign(value, compact(Math.abs(value), unit));
}

/** Whether a percentage says less than the two numbers: of almost nothing. */
export function isFar(value, reference) {
    const isSameSide = value * reference > 0;
    return isSameSide && Math.abs(value - reference) >= MAX_RELATIVE * Math.abs(reference);
}

/**
 * How a value stands against another: in percent where that means something, in points
 * for percentages, as a difference else. Never an infinite percentage.
 *
 * @param {number} value
 * @param {number} reference
 * @param {Unit} unit
 * @returns {string} with its sign
 */
export function change(value, reference, unit) {
    const difference = value - reference;
    const isPart = !["percent", "boolean"].includes(unit.kind) && value * reference > 0;
    const relative = isPart ? difference / Math.abs(reference) : MAX_RELATIVE;
    if (Math.abs(relative) >= MAX_RELATIVE) {
        return addSign(difference, distance(Math.abs(difference), unit));
    }
    const size = Math.abs(relative) * 100;
    return addSign(difference, percentSign(plain(size, size < 1 ? 1 : 0)));
}

/** Distance of two values: in points for percentages, else in their unit. */
export function distance(size, unit) {
    if (unit.kind === "percent") {
        const text = plain(size, 1);
        const { point, points } = table.words;
        return (text === "1" ? point : points).replace("%s", () => text);
    }
    const kind = unit.kind === "boolean" ? "number" : unit.kind;
    return compact(size, { ...unit, kind });
}

/**
 * An achievement in percent, from 0% to “>999%”.
 *
 * What misses its target, or the limit of a status, never reads as if it had reached it:
 * “99.9%” and “94.6%”, not 100% and 95%.
 */
export function achievement(value) {
    if (value >= CAP) {
        return isolate(`>${percentSign(String(CAP))}`);
    }
    const above = Math.floor(value + 0.5); // as whole percent read
    const isMissed = above > 0 && above % LIMITS_STEP === 0 && value < above - ROUNDING;
    const text = isMissed
        ? plain(Math.floor(10 * value + ROUNDING) / 10, 1)
        : plain(Math.max(value, 0), 0);
    return isolate(percentSign(text));
}

/** The sign of a difference before the text of its size. */
export function addSign(difference, text) {
    const size = bare(text);
    if (!/[1-9]/.test(size)) {
        return isolate(`±${size}`);
    }
    return isolate((difference < 0 ? MINUS : "+") + size);
}

/** Texts before and behind the number; `letter` counts thousands. */
export function unitSymbols(unit, letter = "") {
    const currency = unit.kind === "currency" && (unit.currency || getCurrency(unit.currencyId));
    if (currency && currency.position === "before") {
        const { symbol } = currency;
        // “$729k”, but “CHF 729k”
        return { before: symbol + (/\p{L}$/u.test(symbol) ? NARROW_SPACE : ""), after: letter };
    }
    if (currency) {
        return { before: "", after: NARROW_SPACE + letter + currency.symbol };
    }
    const behindLetter = letter ? NARROW_SPACE + letter : "";
    if (unit.kind === "percent") {
        const [before, after] = table.percent;
        return { before, after: behindLetter + after };
    }
    const words = { duration: table.words[unit.durationUnit], custom: unit.symbol };
    const word = words[unit.kind];
    return { before: "", after: behindLetter + (word ? NARROW_SPACE + word : "") };
}

function split(value, unit, text) {
    return unit.kind === "boolean" ? booleanParts(value) : withUnit(unit, text);
}

function withUnit(unit, text, letter) {
    const { before, after } = unitSymbols(unit, letter);
    const [start, rest] = signFirst(before, text);
    return { before: start, number: rest, after };
}

/** The sign of a number stands before its unit, where that is before it: “-$5”. */
function signFirst(before, text) {
    return before && text.startsWith("-") ? [`-${before}`, text.slice(1)] : [before, text];
}

function booleanParts(value) {
    if (value === 0 || value === 1) {
        return { before: "", number: table.words[value ? "yes" : "no"], after: "" };
    }
    const [before, after] = table.percent;
    return { before, number: plain(value * 100, 0), after };
}

function joinParts({ before, number: text, after }) {
    return isolate(before + text + after);
}
