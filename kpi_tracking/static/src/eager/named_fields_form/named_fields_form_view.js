import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

class NamedFieldsRecord extends RelationalModel.Record {
    _displayInvalidFieldNotification() {
        const names = [...this._invalidFields];
        if (this.model.areInView(names)) {
            return () => {};
        }
        const labels = names.map((name) => this.model.placeOf(name));
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
        this.model.areInView = (names) => this.areInView(names);
    }

    /** Where a field stands; a form may ask a new record for it first, outside its tabs. */
    nodeOf(name) {
        const nodes = [...this.archInfo.xmlDoc.getElementsByTagName("field")].filter(
            (each) => each.getAttribute("name") === name,
        );
        return this.model.root.isNew ? nodes[0] : nodes.at(-1);
    }

    /** In a dialog without tabs red fields say it, which a message would lie above. */
    areInView(names) {
        return this.env.inDialog && names.every((name) => !this.nodeOf(name)?.closest("page"));
    }

    /** A field as the screen calls it, with the tab it is on. */
    placeOf(name) {
        const node = this.nodeOf(name);
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
