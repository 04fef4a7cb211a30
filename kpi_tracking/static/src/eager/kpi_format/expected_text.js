import { _t } from "@web/core/l10n/translation";

/** A value that is expected and, where they are known, its limits: “90 (80 – 100)”. */
export function expectedRange({ high, low, value }, format) {
    const said = { value: format(value), low: format(low), high: format(high) };
    return typeof low === "number" && typeof high === "number"
        ? _t("%(value)s (%(low)s – %(high)s)", said)
        : said.value;
}

/** What is expected of a period, and the limits between which it lies with 80 %. */
export function expectedText(expected, format) {
    const range = expectedRange(expected, format);
    return typeof expected.low === "number" && typeof expected.high === "number"
        ? _t("Expected %(range)s, 80 %", { range })
        : _t("Expected %(value)s", { value: range });
}
