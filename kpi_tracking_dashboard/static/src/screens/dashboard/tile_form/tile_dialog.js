import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
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

/** A form stores what it holds as the page goes; a new tile is stored by Add only. */
export class TileFormController extends FormController {
    async beforeUnload(ev) {
        if (this.model.root.resId) {
            return super.beforeUnload(ev);
        }
        ev.preventDefault();
        ev.returnValue = "Unsaved changes";
    }

    beforeVisibilityChange() {
        return this.model.root.resId ? super.beforeVisibilityChange() : undefined;
    }
}

registry.category("views").add("kpi_tile_form", { ...formView, Controller: TileFormController });

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
