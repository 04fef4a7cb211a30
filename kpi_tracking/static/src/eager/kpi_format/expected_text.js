import { _t } from "@web/core/l10n/translation";
import { achievement as formatAchievement } from "@kpi_base/eager/formatting/formatting";

const CERTAIN = 80; // percent of what comes lies within the limits

/** A value that is expected and, where they are known and differ, its limits:
 * “90 (80 – 100)”. */
export function expectedRange(expected, format) {
    const value = format(expected.value);
    return hasLimits(expected) && format(expected.low) !== format(expected.high)
        ? _t("%(value)s (%(low)s – %(high)s)", {
              value,
              low: format(expected.low),
              high: format(expected.high),
          })
        : value;
}

/** What is expected of a period, and the limits between which it lies, and how surely. */
export function expectedText(expected, format) {
    const range = expectedRange(expected, format);
    return hasLimits(expected)
        ? _t("Expected %(range)s, %(share)s", { range, share: formatAchievement(CERTAIN) })
        : _t("Expected %(value)s", { value: range });
}

function hasLimits({ high, low }) {
    return typeof low === "number" && typeof high === "number";
}
