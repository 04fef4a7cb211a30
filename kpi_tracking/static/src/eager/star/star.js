import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/** A star that a person gives a KPI, or takes away. */
export class Star extends Component {
    static template = "kpi_tracking.Star";
    static props = {
        isStarred: { type: Boolean },
        name: { type: String },
        toggle: { type: Function },
    };

    get isStarred() {
        return this.props.isStarred;
    }

    get name() {
        return this.props.name;
    }

    get title() {
        return this.isStarred ? _t("Remove from your overview") : _t("Show first on your overview");
    }

    toggle() {
        this.props.toggle();
    }
}
