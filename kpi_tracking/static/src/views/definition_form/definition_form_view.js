import { useEffect, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { FormController } from "@web/views/form/form_controller";
import { FormRenderer } from "@web/views/form/form_renderer";
import { formView } from "@web/views/form/form_view";

/** A definition spreads over tabs: what is missing is named, with its tab. */
class DefinitionRecord extends RelationalModel.Record {
    _displayInvalidFieldNotification() {
        const labels = [...this._invalidFields].map((name) => this.model.placeOf(name));
        return this.model.notification.add(_t("Missing or invalid: %s", labels.join(", ")), {
            type: "danger",
        });
    }
}

class DefinitionModel extends RelationalModel {
    static Record = DefinitionRecord;
}

class DefinitionFormController extends FormController {
    setup() {
        super.setup();
        this.model.placeOf = (name) => this.placeOf(name);
    }

    /** A KPI made by “Track this” is tracked at once, and opened. */
    async saveButtonClicked(params) {
        const isNew = this.model.root.isNew;
        const isSaved = await super.saveButtonClicked(params);
        const track = this.props.context.kpi_track_this;
        if (isSaved && isNew && track) {
            const { resId } = this.model.root;
            const action = await this.orm.call("kpi.definition", "action_track_saved", [[resId]], {
                track,
            });
            await this.actionService.doAction(action);
        }
        return isSaved;
    }

    /** A field as the screen calls it, with the tab it is on. */
    placeOf(name) {
        const nodes = [...this.archInfo.xmlDoc.getElementsByTagName("field")];
        const node = nodes.find((each) => each.getAttribute("name") === name);
        const label = node?.getAttribute("string") || this.props.fields[name].string;
        const page = node?.closest("page")?.getAttribute("string");
        return page ? `${page} › ${label}` : label;
    }
}

/** Choosing how a KPI is computed opens the tab that has to be filled for it. */
class DefinitionFormRenderer extends FormRenderer {
    setup() {
        super.setup();
        const root = useRef("compiled_view_root");
        let shownId;
        useEffect(
            (id, computation) => {
                if (shownId === id) {
                    // Named as the computation; what people enter has no tab.
                    // eslint-disable-next-line no-restricted-syntax -- Odoo draws the tabs
                    root.el.querySelector(`.nav-link[name="${computation}"]`)?.click();
                }
                shownId = id;
            },
            () => [this.props.record.id, this.props.record.data.computation],
        );
    }
}

registry.category("views").add("kpi_definition_form", {
    ...formView,
    Controller: DefinitionFormController,
    Model: DefinitionModel,
    Renderer: DefinitionFormRenderer,
});
