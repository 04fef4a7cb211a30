import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";

// As `engine/written_number.py`: every group but the first has three digits, all have
// the same sign between; in India two digits stand before the last three.
const WRITTEN = {
    ".": /^[+-]? ?(?:(?:\d+|[1-9]\d{0,2}([ ',])\d{3}(?:\1\d{3})*|[1-9]\d?(?:,\d\d)+,\d{3})(?:\.\d*)?|\.\d+)$/,
    ",": /^[+-]? ?(?:(?:\d+|[1-9]\d{0,2}([ '.])\d{3}(?:\1\d{3})*)(?:,\d*)?|,\d+)$/,
};
const LENGTH = 40;

/**
 * The number that somebody typed; null where it is none. As the server reads it, which
 * decides (`engine/typed_number.py`; both are tested with `typed_number_cases.json`).
 *
 * @param {string} text
 * @param {string} [decimalPoint] of the language
 */
export function parseNumber(text, decimalPoint = ".") {
    const digits = text
        .trim()
        .replace(/[\u00a0\u2007\u2009\u202f]/g, " ")
        .replaceAll("’", "'")
        .replaceAll("\u2212", "-");
    const marks = [".", ","].filter((mark) => WRITTEN[mark].test(digits));
    if (!marks.length || digits.length > LENGTH) {
        return null;
    }
    // The mark of the language if it fits, otherwise the one that the text needs.
    const count = (mark) => digits.split(mark).length;
    const mark = marks.includes(decimalPoint)
        ? decimalPoint
        : marks.sort((one, other) => count(one) - count(other))[0];
    const bare = digits.replace(mark === "." ? /[ ',]/g : /[ '.]/g, "");
    return Number(bare.replace(",", "."));
}

/**
 * Say what is wrong with a value while it is typed; empty where nothing is.
 *
 * @param {string} text
 * @param {{isYesNo?: boolean, units?: string[]}} [options] units may stand beside it
 */
export function findMistake(text, { isYesNo = false, units = [] } = {}) {
    const typed = text.trim();
    if (!typed || /^[+\-\u2212]$/.test(typed)) {
        return ""; // nothing yet
    }
    const shown = typed.slice(0, 20);
    if (isYesNo) {
        const answers = ["0", "1", _t("Yes"), _t("No")].map((each) => String(each).toLowerCase());
        return answers.includes(typed.toLowerCase())
            ? ""
            : _t("“%s” is not a yes/no value. Enter 1 or 0.", shown);
    }
    const number = parseNumber(withoutUnit(typed, units), localization.decimalPoint);
    return number === null ? _t("“%s” is not a number. Use 12.5 or 12,5.", shown) : "";
}

/** Cells copied from a spreadsheet bring their unit along. */
function withoutUnit(text, units) {
    for (const unit of ["%", ...units].filter(Boolean)) {
        text = text.startsWith(unit) ? text.slice(unit.length).trim() : text;
        text = text.endsWith(unit) ? text.slice(0, -unit.length).trim() : text;
    }
    return text;
}
