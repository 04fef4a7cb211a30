import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { ImageField, imageField } from "@web/views/fields/image/image_field";
import { badgeArt } from "./badge_art";

/**
 * The badge of an achievement, or the picture that a company gave it.
 *
 * ``badge`` has ``color``, ``glyph``, ``rarity`` and ``source`` (address of a picture);
 * ``ratio`` (0 to 1) draws a ring of progress around it.
 */
export class Badge extends Component {
    static template = "kpi_gamification.Badge";
    static props = {
        badge: { type: Object },
        count: { type: Number, optional: true },
        isLocked: { type: Boolean, optional: true },
        ratio: { type: Number, optional: true },
        size: { type: Number, optional: true },
    };
    static defaultProps = { count: 0, isLocked: false, size: 48 };

    get art() {
        return badgeArt(this.props.badge.rarity, this.props.badge.glyph);
    }

    get style() {
        const { badge, isLocked, size } = this.props;
        const color = isLocked ? "" : `--kpi-badge-color: ${badge.color};`;
        return `${color} --kpi-badge-size: ${size}px`;
    }

    get hasRing() {
        return this.props.ratio !== undefined;
    }

    /** Of a circle whose length is given as 100. */
    get reached() {
        return `${Math.round(100 * this.props.ratio)} 100`;
    }
}

/** The same on forms and cards, where the picture can be changed. */
export class BadgeField extends ImageField {
    static template = "kpi_gamification.BadgeField";
    static components = { ...ImageField.components, Badge };

    get badge() {
        const { badge_color: color, badge_glyph: glyph, rarity } = this.props.record.data;
        const icon = this.props.record.data[this.props.name];
        return { color, glyph, rarity, source: icon && this.getUrl(this.props.name) };
    }
}

registry.category("fields").add("kpi_badge", {
    ...imageField,
    component: BadgeField,
    fieldDependencies: [
        { name: "badge_color", type: "char" },
        { name: "badge_glyph", type: "char" },
        { name: "rarity", type: "selection" },
    ],
});
