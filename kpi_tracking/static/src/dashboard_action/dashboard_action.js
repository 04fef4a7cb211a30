import { Component, xml } from "@odoo/owl";
import { LazyComponent } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const BUNDLE = "kpi_tracking.assets_dashboard";

/** A screen whose code is loaded when somebody opens one for the first time. */
class LazyScreen extends Component {
    static template = xml`<LazyComponent bundle="bundle" Component="screen" props="props" />`;
    static components = { LazyComponent };
    static props = { ...standardActionServiceProps };

    setup() {
        this.bundle = BUNDLE;
        this.screen = this.constructor.screen;
    }
}

class DashboardAction extends LazyScreen {
    static screen = "kpi_tracking.Dashboard";
    static path = "kpi-dashboard";
    static displayName = _t("Dashboard");
}

class HomeAction extends LazyScreen {
    static screen = "kpi_tracking.Home";
    static path = "kpi-home";
    static displayName = _t("Overview");
}

registry.category("actions").add("kpi_tracking.dashboard", DashboardAction);
registry.category("actions").add("kpi_tracking.home", HomeAction);
