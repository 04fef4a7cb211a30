import { Component, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** How much there is in the chatter below the tabs, and the way to it. */
export class ChatterLink extends Component {
    static template = "kpi_tracking.ChatterLink";
    static props = { ...standardWidgetProps };

    setup() {
        this.root = useRef("root");
    }

    get text() {
        const { said = 0, log = 0 } = this.props.record.data.standing?.messages || {};
        return _t("Messages %(said)s · Log %(log)s", { said, log });
    }

    show() {
        const form = this.root.el.closest(".o_form_renderer");
        // eslint-disable-next-line no-restricted-syntax -- Odoo draws the chatter
        const chatter = form?.querySelector(".o-mail-Form-chatter");
        if (chatter) {
            chatter.scrollIntoView({ block: "start" });
            chatter.tabIndex = -1; // its buttons are disabled until it is loaded
            chatter.focus({ preventScroll: true });
        }
    }
}

registry.category("lazy_components").add("kpi_tracking.ChatterLink", ChatterLink);
