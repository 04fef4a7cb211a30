import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatDay } from "@kpi_base/eager/formatting/reader";

/** What people noted on the KPIs of a tile, numbered as its markers are. */
export class TileNotes extends Component {
    static template = "kpi_tracking_dashboard.TileNotes";
    static components = { Dropdown };
    static props = { notes: { type: Array, element: Object } };

    get label() {
        const { length } = this.props.notes;
        return length === 1 ? _t("1 note") : _t("%s notes", length);
    }

    day(note) {
        return formatDay(deserializeDate(note.date));
    }
}
