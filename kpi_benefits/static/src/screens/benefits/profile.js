/** Planned and realised amounts by month, or added up by year. */

const MOST_MONTHS = 24; // that fit side by side

/** Years where there are more months than fit, unless months are asked for. */
export function isByYear(months, isAsked) {
    return isAsked ?? months.length > MOST_MONTHS;
}

/**
 * Bars of a profile.
 *
 * @param {Object[]} months with `start`, `planned` and `realized` (null = not known)
 * @param {boolean} byYear
 * @param {(start: string) => string} nameMonth
 */
export function toBars(months, byYear, nameMonth) {
    if (!byYear) {
        return months.map(({ planned, realized, start }) => ({
            first: start,
            label: nameMonth(start),
            last: start,
            planned,
            realized,
        }));
    }
    const bars = new Map();
    for (const { planned, realized, start } of months) {
        const label = start.slice(0, 4);
        const bar = bars.get(label) || { first: start, label, planned: 0, realized: null };
        bar.last = start;
        bar.planned += planned;
        bar.realized = realized === null ? bar.realized : (bar.realized || 0) + realized;
        bars.set(label, bar);
    }
    return [...bars.values()];
}
