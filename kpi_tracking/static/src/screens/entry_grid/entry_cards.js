import { Component } from "@odoo/owl";
import { EntryCell } from "./entry_cell";
import { EntryCellDetails } from "./entry_cell_details";
import { isChanged, unitText } from "./entry_cells";

/** The grid on a phone: one period, a big number input for each KPI. */
export class EntryCards extends Component {
    static template = "kpi_tracking.EntryCards";
    static components = { EntryCell, EntryCellDetails };
    static props = {
        column: Number,
        onColumn: Function,
        store: Object,
    };

    setup() {
        this.unitText = unitText;
    }

    /** Return whether a cell has details, or takes more than its value. */
    hasDetails(cell) {
        return isChanged(cell) || Boolean(cell.note || cell.locked || cell.rejection);
    }

    get period() {
        return this.props.store.columns[this.props.column];
    }
}
