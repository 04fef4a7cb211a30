import { _t } from "@web/core/l10n/translation";
import { deserializeDate } from "@web/core/l10n/dates";
import { formatFloat } from "@web/core/utils/numbers";
import { unitSymbols } from "@kpi_base/eager/formatting/formatting";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { findMistake } from "@kpi_tracking/eager/number_input/typed_number";
import { formatDay } from "@kpi_base/eager/formatting/reader";

const STATES = {
    empty: { icon: "fa-circle-o", word: _t("Empty"), tone: "muted" },
    draft: { icon: "fa-pencil", word: _t("Draft"), tone: "muted" },
    submitted: { icon: "fa-hourglass-half", word: _t("Waiting"), tone: "muted" },
    approved: { icon: "fa-check", word: _t("Approved"), tone: "muted" },
    entered: { icon: "fa-check", word: _t("Entered"), tone: "muted" },
    rejected: { icon: "fa-times-circle", word: _t("Rejected"), tone: "danger" },
    known: { icon: "fa-check", word: _t("Imported or synced"), tone: "muted" },
    locked: { icon: "fa-lock", word: _t("Locked"), tone: "muted" },
    overdue: { icon: "fa-exclamation-triangle", word: _t("Overdue"), tone: "danger" },
    changed: { icon: "fa-asterisk", word: _t("Unsaved"), tone: "warning" },
    unusual: { icon: "fa-question-circle", word: _t("Unusual"), tone: "warning" },
    refused: { icon: "fa-times-circle", word: _t("Error"), tone: "danger" },
};

/** Return whether something was typed here that is not entered yet. */
export function isChanged(cell) {
    return cell.text !== undefined;
}

/** Text of a cell while nobody types in it. */
export function shownValue(cell, row) {
    if (isChanged(cell)) {
        return cell.text;
    }
    if (cell.value === null || cell.value === undefined || cell.value === false) {
        return "";
    }
    if (row.unit === "boolean") {
        return cell.value ? _t("Yes") : _t("No");
    }
    const digits = [0, Math.max(row.decimals, 6)];
    return formatFloat(cell.value, { digits, trailingZeros: false });
}

/** State of a cell as icon, word and tone: never by colour alone. */
export function cellState(cell) {
    if (cell.error) {
        return STATES.refused;
    }
    if (cell.unusual) {
        return STATES.unusual;
    }
    if (isChanged(cell)) {
        return STATES.changed;
    }
    if (cell.locked) {
        return STATES.locked;
    }
    if (cell.state === "empty" && cell.due) {
        return cell.late ? STATES.overdue : { ...STATES.empty, word: dueText(cell) };
    }
    const isEntered = cell.state === "approved" && !cell.is_decided;
    const state = isEntered ? STATES.entered : STATES[cell.state];
    return cell.late ? { ...state, word: _t("%s, late", state.word) } : state;
}

/** The due date of a cell in words. */
export function dueText(cell) {
    return cell.due ? _t("Due %s", formatDay(deserializeDate(cell.due))) : "";
}

/** The unit of a row, beside its name; empty for plain numbers. */
export function unitText(row) {
    const { before, after } = unitSymbols(unitOf({ ...row, currency_id: { id: row.currency_id } }));
    return (before + after).trim();
}

/** Say what is wrong with a text typed for a row; empty where nothing is. */
export function mistakeIn(text, row) {
    const units = [unitText(row), row.unit_symbol];
    return findMistake(text, { isYesNo: row.unit === "boolean", units });
}

/** Name of a cell: its KPI, person and period. */
export function cellName(row, column) {
    return [row.name, row.scope, row.contributor, column.label].filter(Boolean).join(", ");
}

/** Label of a cell for screen readers. */
export function cellLabel(cell, row, column) {
    const said = [cellName(row, column), cellState(cell).word, cell.error || cell.unusual];
    return said.filter(Boolean).join(", ");
}
