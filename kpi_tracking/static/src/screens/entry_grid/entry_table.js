import { Component, onMounted, useRef, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { isBlock } from "./clipboard";
import { EntryCell } from "./entry_cell";
import { unitText } from "./entry_cells";

const MOVES = {
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
};

/**
 * The grid on a desktop: rows are KPIs, columns periods.
 *
 * Arrows move, typing replaces, F2 moves within the text, Enter goes down (in a single row
 * on), Tab to the next cell and from the last one out, Esc takes back what was typed.
 */
export class EntryTable extends Component {
    static template = "kpi_tracking.EntryTable";
    static components = { EntryCell };
    static props = {
        hasFocus: { type: Boolean, optional: true },
        onActivate: Function,
        store: Object,
    };

    setup() {
        const last = this.props.store.columns.length - 1;
        const column = this.props.hasFocus ? this.firstEmpty(last) : last;
        this.active = useState({ row: 0, column, token: this.props.hasFocus ? 1 : 0 });
        const scroll = useRef("scroll");
        onMounted(() => {
            if (!this.props.hasFocus) {
                const { scrollWidth } = scroll.el; // to the current period
                scroll.el.scrollLeft =
                    localization.direction === "rtl" ? -scrollWidth : scrollWidth;
            }
        });
        this.isEditing = false;
        this.unitText = unitText;
    }

    /** Column of the earliest value of the first row that is missing. */
    firstEmpty(last) {
        const cells = this.props.store.rows[0]?.cells || [];
        const column = cells.findIndex((cell) => cell.state === "empty" && !cell.locked);
        return column < 0 ? last : column;
    }

    isActive(row, column) {
        return this.active.row === row && this.active.column === column;
    }

    onFocus(ev, row, column) {
        Object.assign(this.active, { row, column });
        this.isEditing = false;
        ev.target.select();
        this.props.onActivate(row, column);
    }

    onInput(cell, text, row) {
        this.isEditing = true;
        this.props.store.type(cell, text, row);
    }

    onKeydown(ev, row, column) {
        if (ev.key === "Tab") {
            return this.onTab(ev, row, column);
        }
        const move = this.moveOf(ev);
        if (move) {
            ev.preventDefault();
            this.focus(row + move[0], column + move[1]);
        } else if (ev.key === "F2") {
            ev.preventDefault();
            this.isEditing = true;
            ev.target.setSelectionRange(ev.target.value.length, ev.target.value.length);
        } else if (ev.key === "Escape") {
            this.takeBack(ev, row, column);
        }
    }

    /** To the next cell or the one before, across the ends of rows. */
    onTab(ev, row, column) {
        const { columns, rows } = this.props.store;
        const place = row * columns.length + column + (ev.shiftKey ? -1 : 1);
        if (place >= 0 && place < rows.length * columns.length) {
            ev.preventDefault();
            this.focus(Math.floor(place / columns.length), place % columns.length);
        }
    }

    /** Step that a key takes, as rows down and columns to the right; nothing for others. */
    moveOf(ev) {
        if (ev.ctrlKey || ev.metaKey || ev.altKey) {
            return null;
        }
        if (ev.key === "Enter") {
            const step = ev.shiftKey ? -1 : 1;
            return this.props.store.rows.length > 1 ? [step, 0] : [0, step];
        }
        const isAcross = ["ArrowLeft", "ArrowRight"].includes(ev.key);
        if (!MOVES[ev.key] || ev.shiftKey || (isAcross && this.isEditing)) {
            return null;
        }
        const isMirrored = isAcross && getComputedStyle(ev.target).direction === "rtl";
        return isMirrored ? MOVES[ev.key].map((step) => -step) : MOVES[ev.key];
    }

    takeBack(ev, row, column) {
        ev.preventDefault();
        ev.stopPropagation();
        this.props.store.revert(this.props.store.rows[row].cells[column]);
        this.isEditing = false;
    }

    /** Move to a cell, if there is one. */
    focus(row, column) {
        const { columns, rows } = this.props.store;
        if (rows[row] && columns[column]) {
            Object.assign(this.active, { row, column, token: this.active.token + 1 });
        }
    }

    onPaste(ev, row, column) {
        const text = ev.clipboardData.getData("text/plain");
        if (isBlock(text)) {
            ev.preventDefault();
            this.props.store.paste(row, column, text);
        }
    }
}
