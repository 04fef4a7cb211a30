import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Systems to connect, as cards: what each gives and what it needs. */
export class GalleryField extends Component {
    static template = "kpi_tracking_integration.GalleryField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get cards() {
        return this.props.record.data.gallery || [];
    }

    /** Go on with a system on this form, or where it has one of its own. */
    choose({ action, key }) {
        return action
            ? this.action.doAction(action)
            : this.props.record.update({ [this.props.name]: key });
    }
}

registry.category("lazy_components").add("kpi_tracking_integration.GalleryField", GalleryField);
