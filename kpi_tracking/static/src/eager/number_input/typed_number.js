import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";

const GROUPED = /^[+-]?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*(?:(?!\1)[.,]\d*)?$/;
const PLAIN = /^[+-]?(?:\d+[.,]?\d*|[.,]\d+)$/;
const LENGTH = 40;

/**
 * The number that somebody typed; null where it is none. As the server reads it, which
 * decides (`engine/typed_number.py`; both are tested with `typed_number_cases.json`).
 *
 * @param {string} text
 * @param {string} [decimalPoint] of the language
 */
export function parseNumber(text, decimalPoint = ".") {
    let digits = text.replace(/[\s’']/g, "").replaceAll("\u2212", "-");
    if (digits.length > LENGTH) {
        return null;
    }
    const [, group] = GROUPED.exec(digits) || [];
    if (group && digits.replace(/[^.,]/g, "") !== decimalPoint) {
        digits = digits.replaceAll(group, "");
    }
    return PLAIN.test(digits) ? Number(digits.replace(",", ".")) : null;
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
