import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

class NamedFieldsRecord extends RelationalModel.Record {
    _displayInvalidFieldNotification() {
        const labels = [...this._invalidFields].map((name) => this.model.placeOf(name));
        return this.model.notification.add(_t("Missing or invalid: %s", labels.join(", ")), {
            type: "danger",
        });
    }
}

class NamedFieldsModel extends RelationalModel {
    static Record = NamedFieldsRecord;
}

class NamedFieldsFormController extends FormController {
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

/** A form that names the fields that are missing or wrong, with their tabs. */
export const namedFieldsFormView = {
    ...formView,
    Controller: NamedFieldsFormController,
    Model: NamedFieldsModel,
};

registry.category("views").add("kpi_named_fields_form", namedFieldsFormView);
