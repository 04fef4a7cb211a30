import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

const VIEW = "kpi_tracking_dashboard.kpi_dashboard_tile_view_form_arrange";

/** The form of a tile with the tile itself beside it; one that is new is not stored by it. */
export class TileDialog extends FormViewDialog {
    setup() {
        super.setup();
        if (this.props.onRecordSave) {
            this.viewProps.buttonTemplate = "kpi_tracking_dashboard.TileDialogButtons";
        }
    }
}

/**
 * @param {Object} options of the dashboard, with which the tile is shown
 * @param {Object} [values] that the tile has to begin with
 */
export function tileContext(options, values = {}) {
    const defaults = Object.entries(values).map(([name, value]) => [`default_${name}`, value]);
    return {
        ...Object.fromEntries(defaults),
        form_view_ref: VIEW,
        kpi_dashboard_options: options,
    };
}
