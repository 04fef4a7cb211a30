/**
 * What is expected of the last period of a chart, while it runs, and of those to come.
 *
 * @typedef {{values: (number|null)[], lows: (number|null)[], highs: (number|null)[]}} Expected
 *
 * @param {Expected} expected
 * @param {number} count of the periods that the chart shows of what was
 * @returns {({value: number, low: number|null, high: number|null}|undefined)[]} by the place of
 *      each period; undefined where nothing is expected
 */
export function expectedAlong({ highs, lows, values }, count) {
    const found = values.map((value, at) =>
        typeof value === "number" ? { value, low: lows[at], high: highs[at] } : undefined,
    );
    return [...Array(count - 1).fill(undefined), ...found];
}

/** @returns {boolean} whether a series is not one of expected values alone */
export function hasPast({ expected, values }) {
    return !expected || values.some((value) => typeof value === "number");
}
