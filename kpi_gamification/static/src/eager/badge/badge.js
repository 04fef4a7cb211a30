import { Component } from "@odoo/owl";

/** The picture of an achievement, or a star in its colour. */
export class Badge extends Component {
    static template = "kpi_gamification.Badge";
    static props = { badge: { type: Object } };

    get source() {
        const { achievement_id, has_icon } = this.props.badge;
        return has_icon && `/web/image/kpi.achievement/${achievement_id}/badge_icon`;
    }
}
