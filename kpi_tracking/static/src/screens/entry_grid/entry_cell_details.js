import { Component } from "@odoo/owl";
import { cellState, dueText, isChanged } from "./entry_cells";

/** Details of the chosen cell: its state, note and reason. */
export class EntryCellDetails extends Component {
    static template = "kpi_tracking.EntryCellDetails";
    static props = {
        cell: Object,
        column: Object,
        hasTitle: { type: Boolean, optional: true },
        row: Object,
        store: Object,
    };
    static defaultProps = { hasTitle: true };

    get message() {
        const { cell } = this.props;
        return cell.error || cell.unusual || cell.locked || cell.rejection || "";
    }

    get facts() {
        const words = [cellState(this.props.cell).word, dueText(this.props.cell)];
        return [...new Set(words)].filter(Boolean).join(" · ");
    }

    get isChanged() {
        return isChanged(this.props.cell);
    }

    get note() {
        return this.props.cell.newNote ?? this.props.cell.note;
    }

    /** A note may come with a value only: what was accepted is not changed in passing. */
    get isNoteEditable() {
        return this.isChanged && !this.props.cell.locked;
    }
}
