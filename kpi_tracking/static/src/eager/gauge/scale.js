// Where numbers lie on a scale: all that a slim bar needs of a gauge's geometry.

/**
 * @typedef {Object} Scale
 * @property {number} low always below `high`
 * @property {number} high
 *
 * @typedef {Object} Zone
 * @property {number|null} from null = open
 * @property {number|null} to belongs to the next zone
 * @property {string} color danger, warning, success, info or muted
 * @property {string} [label]
 */

/**
 * Share of the scale up to a value, from 0 to 1, and the side on which it lies beyond.
 *
 * @returns {{ratio: number, beyond: -1|0|1}}
 */
export function scalePosition(value, { low, high }) {
    if (value < low) {
        return { ratio: 0, beyond: -1 };
    }
    if (value > high) {
        return { ratio: 1, beyond: 1 };
    }
    return { ratio: (value - low) / (high - low), beyond: 0 };
}

/** Shares between which a value is filled in: from zero on, or the end nearest to it. */
export function fillSpan(value, scale) {
    const ends = [scalePosition(0, scale).ratio, scalePosition(value, scale).ratio];
    return ends[0] < ends[1] ? ends : ends.reverse();
}

/** Shares of the scale that each zone takes, with its colour. */
export function zoneSpans(zones, scale) {
    return zones
        .map(({ from, to, color }) => ({
            low: from === null ? 0 : scalePosition(from, scale).ratio,
            high: to === null ? 1 : scalePosition(to, scale).ratio,
            color,
        }))
        .filter(({ low, high }) => low < high);
}
