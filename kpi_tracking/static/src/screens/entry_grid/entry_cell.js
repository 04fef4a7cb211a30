import { Component, useEffect, useRef } from "@odoo/owl";
import { cellLabel, cellState, shownValue } from "./entry_cells";

/** One value of the grid: an input, its state below it. */
export class EntryCell extends Component {
    static template = "kpi_tracking.EntryCell";
    static props = {
        cell: Object,
        column: Object,
        focusToken: { type: Number, optional: true }, // another one: take the focus
        isActive: { type: Boolean, optional: true },
        isLarge: { type: Boolean, optional: true },
        onFocus: { type: Function, optional: true },
        onInput: Function,
        onKeydown: { type: Function, optional: true },
        onPaste: { type: Function, optional: true },
        row: Object,
    };
    static defaultProps = {
        focusToken: 0,
        isActive: true,
        isLarge: false,
        onFocus: () => {},
        onKeydown: () => {},
        onPaste: () => {},
    };

    setup() {
        const input = useRef("input");
        useEffect(
            (token) => {
                if (token) {
                    input.el.focus();
                }
            },
            () => [this.props.focusToken],
        );
    }

    get label() {
        return cellLabel(this.props.cell, this.props.row, this.props.column);
    }

    get state() {
        return cellState(this.props.cell);
    }

    get value() {
        return shownValue(this.props.cell, this.props.row);
    }
}
