import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/** A definition spreads over tabs: what is missing is named, with its tab. */
class DefinitionRecord extends RelationalModel.Record {
    _displayInvalidFieldNotification() {
        const places = [...this._invalidFields].map((name) => this.model.placeOf(name));
        return this.model.notification.add(_t("Missing or invalid: %s", places.join(", ")), {
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

    /** A field as the screen calls it, with the tab it is on. */
    placeOf(name) {
        const nodes = [...this.archInfo.xmlDoc.getElementsByTagName("field")];
        const node = nodes.find((each) => each.getAttribute("name") === name);
        const label = node?.getAttribute("string") || this.props.fields[name].string;
        const page = node?.closest("page")?.getAttribute("string");
        return page ? `${page} › ${label}` : label;
    }
}

registry.category("views").add("kpi_definition_form", {
    ...formView,
    Controller: DefinitionFormController,
    Model: DefinitionModel,
});
