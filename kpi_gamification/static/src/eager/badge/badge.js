import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { ImageField, imageField } from "@web/views/fields/image/image_field";

/** The picture of an achievement, or a star in its colour. */
export class Badge extends Component {
    static template = "kpi_gamification.Badge";
    static props = { badge: { type: Object } };
}

/** The same on forms and cards, where it can be changed. */
export class BadgeField extends ImageField {
    static template = "kpi_gamification.BadgeField";
    static components = { ...ImageField.components, Badge };

    get badge() {
        const { badge_color: color, [this.props.name]: icon } = this.props.record.data;
        return { color, source: icon && this.getUrl(this.props.name) };
    }
}

registry.category("fields").add("kpi_badge", {
    ...imageField,
    component: BadgeField,
    fieldDependencies: [{ name: "badge_color", type: "char" }],
});
