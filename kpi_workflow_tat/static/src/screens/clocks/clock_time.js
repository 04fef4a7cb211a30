import { _t } from "@web/core/l10n/translation";

const HOUR = 3600;
const MINUTE = 60;
const WARNING = 75; // percent

/**
 * What a clock shows at a moment. All moments are seconds since 1970 by the server.
 *
 * @param {Object} clock as `get_clocks` tells it
 * @param {number} asked when the server told it
 * @param {number} now
 * @returns {{elapsed: number, remaining: number, percent: number, isCounting: boolean,
 *     isKnown: boolean, nextStart: (number|null)}} `isKnown` is false beyond the last
 *     interval that the server told; `nextStart` is when it counts again
 */
export function readClock({ allowed, elapsed, intervals }, asked, now) {
    const worked = intervals.reduce((sum, [start, stop]) => {
        const from = Math.max(start, asked);
        return sum + Math.max(Math.min(stop, now) - from, 0);
    }, 0);
    const total = elapsed + worked;
    const current = intervals.find(([start, stop]) => start <= now && now < stop);
    const next = intervals.find(([start]) => start > now);
    return {
        elapsed: total,
        remaining: allowed - total,
        percent: allowed ? (100 * total) / allowed : 0,
        isCounting: Boolean(current),
        isKnown: !intervals.length || now < intervals.at(-1)[1],
        nextStart: current || !next ? null : next[0],
    };
}

/** Seconds as a clock shows them: 3:05:09. */
export function formatClock(seconds) {
    const whole = Math.floor(Math.abs(seconds));
    const two = (number) => String(number).padStart(2, "0");
    const minutes = Math.floor((whole % HOUR) / MINUTE);
    return `${Math.floor(whole / HOUR)}:${two(minutes)}:${two(whole % MINUTE)}`;
}

/** Which status a clock has, as the colours of KPIs name it. */
export function judgeClock({ percent, remaining }) {
    if (remaining < 0) {
        return "danger";
    }
    return percent >= WARNING ? "warning" : "success";
}

/** What is left, or how much it is overdue, in words. */
export function describeTime({ remaining }) {
    const time = formatClock(remaining);
    return remaining < 0 ? _t("%s overdue", time) : _t("%s left", time);
}
