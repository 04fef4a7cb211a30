/** What the dashboard of benefits is about: in the address, and as the server takes it. */

export const PERIODS = ["all", "this_year", "last_year", "last_12", "next_12"];

/** The choice of an address; at first everything. */
export function fromAddress(address) {
    const given = (name) => (address[name] === undefined ? "" : String(address[name]));
    return {
        department: Number(given("department")) || 0,
        isTable: given("view") === "table",
        period: PERIODS.includes(given("period")) ? given("period") : PERIODS[0],
        program: Number(given("program")) || 0,
    };
}

export function toAddress(choice) {
    return {
        department: choice.department || undefined,
        period: choice.period === PERIODS[0] ? undefined : choice.period,
        program: choice.program || undefined,
        view: choice.isTable ? "table" : undefined,
    };
}

/** The first day of the month so many months from that of ``day``. */
function monthFrom({ month, year }, offset) {
    const place = year * 12 + (month - 1) + offset;
    return `${Math.floor(place / 12)}-${String((place % 12) + 1).padStart(2, "0")}-01`;
}

/** First and last month of a period; none of all of them. */
export function monthsOf(period, today) {
    const { month } = today;
    const spans = {
        last_12: [-12, -1],
        last_year: [-month - 11, -month],
        next_12: [0, 11],
        this_year: [1 - month, 12 - month],
    };
    return (spans[period] || []).map((offset) => monthFrom(today, offset));
}

/** @param {{month: number, year: number}} today of the reader, such as a luxon date */
export function toOptions(choice, today) {
    const [first = false, last = false] = monthsOf(choice.period, today);
    return {
        date_from: first,
        date_to: last,
        department_id: choice.department || false,
        program_id: choice.program || false,
    };
}
