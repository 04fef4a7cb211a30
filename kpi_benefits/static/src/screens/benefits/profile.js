/** Planned, realised and expected amounts by month, by year, or added up. */

const MOST_MONTHS = 24; // that fit side by side

export const STEPS = ["month", "year", "total"];

/** Years where there are more months than fit, unless something else is asked for. */
export function stepOf(months, asked) {
    return asked || (months.length > MOST_MONTHS ? "year" : "month");
}

/**
 * What a profile draws.
 *
 * @param {Object[]} months with `start`, `planned`, `realized` (null = not known) and, of
 *     those to come, `expected` (`value`, `low` and `high`)
 * @param {string} step of ``STEPS``
 * @param {(start: string) => string} nameMonth
 */
export function toBars(months, step, nameMonth) {
    const bars = months.map(({ expected, planned, realized, start }) => ({
        expected: expected || null,
        first: start,
        label: nameMonth(start),
        last: start,
        planned,
        realized,
    }));
    return { month: () => bars, total: () => addUp(bars), year: () => groupYears(bars) }[step]();
}

function sum(one, other) {
    const add = (name) => one[name] + other[name];
    return { high: add("high"), low: add("low"), value: add("value") };
}

/** What a month adds to what is expected: what came of it where it is over. */
function reckon({ expected, realized }) {
    const known = realized || 0;
    return expected || { high: known, low: known, value: known };
}

function groupYears(bars) {
    const years = new Map();
    for (const bar of bars) {
        const label = bar.first.slice(0, 4);
        const year = years.get(label) || { first: bar.first, label, planned: 0, realized: null };
        year.last = bar.last;
        year.planned += bar.planned;
        year.realized = bar.realized === null ? year.realized : year.realized + bar.realized;
        year.outlook = year.outlook ? sum(year.outlook, reckon(bar)) : reckon(bar);
        year.isComing = Boolean(bar.expected);
        years.set(label, year);
    }
    return [...years.values()].map(({ isComing, outlook, ...year }) => ({
        ...year,
        expected: isComing ? outlook : null,
    }));
}

/** Running totals; realised ones end where something is expected, or nothing is known. */
function addUp(bars) {
    const coming = bars.findIndex(({ expected }) => expected);
    const known = bars.findLastIndex(({ realized }) => realized !== null);
    const last = coming < 0 ? known : coming - 1;
    const added = [];
    for (const [at, bar] of bars.entries()) {
        const { outlook, planned, realized } = added.at(-1) || { planned: 0, realized: 0 };
        added.push({
            ...bar,
            outlook: outlook ? sum(outlook, reckon(bar)) : reckon(bar),
            planned: planned + bar.planned,
            realized: at <= last ? realized + (bar.realized || 0) : null,
        });
    }
    return added.map(({ outlook, ...bar }) => ({ ...bar, expected: bar.expected && outlook }));
}
