import { reactive } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { parseBlock } from "./clipboard";
import { isChanged, mistakeIn } from "./entry_cells";

// of a cell that was typed in; another text has others
const ANSWERS = ["error", "isMistake", "isSure", "unusual"];

/**
 * Rows and columns of the grid, with what is typed and not entered yet.
 *
 * A cell of the server gets `text`, `newNote` and `reason` while it is changed, and
 * `error` where it was refused, by `isMistake` before it was sent. Nothing typed is dropped
 * before it is entered.
 */
export class EntryGridStore {
    constructor(orm) {
        this.orm = orm;
        this.columns = [];
        this.rows = [];
        this.layouts = [];
        this.layout = null;
        this.rowCount = 0;
        this.hasOthers = false;
        this.leftOver = [];
        this.isSaving = false;
        return reactive(this);
    }

    async load(options) {
        const grid = await this.orm.call("kpi.report", "get_entry_grid", [], options);
        this.columns = grid.columns;
        this.rows = grid.rows;
        this.layouts = grid.layouts;
        this.layout = grid.layout;
        this.rowCount = grid.row_count;
        this.hasOthers = grid.has_others;
        this.leftOver = [];
    }

    get changed() {
        return this.rows.flatMap((row) =>
            row.cells.flatMap((cell, column) => (isChanged(cell) ? [{ row, cell, column }] : [])),
        );
    }

    /** What was typed and can be sent: it is a value, and its period is open. */
    get enterable() {
        return this.changed.filter(
            ({ cell }) => cell.text.trim() && !cell.locked && !cell.isMistake,
        );
    }

    get errorCount() {
        return this.changed.filter(({ cell }) => cell.error).length;
    }

    /** Values that were left out, for somebody to say whether they are meant. */
    get unusual() {
        return this.changed.filter(({ cell }) => cell.unusual);
    }

    type(cell, text, row) {
        cell.text = text;
        for (const key of ANSWERS) {
            delete cell[key];
        }
        const mistake = cell.locked || mistakeIn(text, row);
        if (mistake) {
            cell.error = mistake;
            cell.isMistake = true;
        }
    }

    revert(cell) {
        for (const key of ["text", ...ANSWERS, "reason", "newNote"]) {
            delete cell[key];
        }
    }

    /** Spread a copied block from a cell on; what lies outside is counted and reported. */
    paste(rowIndex, columnIndex, text) {
        const outside = [];
        parseBlock(text).forEach((texts, down) =>
            texts.forEach((each, right) => {
                const row = this.rows[rowIndex + down];
                const cell = row?.cells[columnIndex + right];
                if (cell && each) {
                    this.type(cell, each, row);
                } else if (each) {
                    outside.push(each);
                }
            }),
        );
        this.leftOver = outside;
    }

    /** Enter everything that was typed, by one request; each cell gets its answer. */
    async save({ asDraft = false } = {}) {
        const entered = this.enterable;
        if (!entered.length || this.isSaving) {
            return 0;
        }
        this.isSaving = true;
        try {
            const results = await this.orm.call("kpi.report", "save_entries", [
                entered.map((each) => this.sent(each)),
                asDraft,
                true,
            ]);
            results.forEach((result, index) => this.take(entered[index], result));
            return results.filter((result) => result.cell).length;
        } finally {
            this.isSaving = false;
        }
    }

    sent({ row, cell, column }) {
        return {
            report_id: row.report_id,
            contributor_id: row.contributor_id,
            start: this.columns[column].start,
            text: cell.text,
            note: cell.newNote ?? cell.note,
            reason: cell.reason || "",
            is_sure: Boolean(cell.isSure),
        };
    }

    take({ row, cell, column }, result) {
        if (result.cell) {
            row.cells[column] = result.cell;
        } else if (result.unusual) {
            cell.unusual = result.unusual;
        } else {
            cell.error = result.error || _t("Error");
        }
    }
}
