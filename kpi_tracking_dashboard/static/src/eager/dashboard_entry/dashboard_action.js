import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { screenOnDemand } from "@kpi_tracking/eager/on_demand/on_demand";

const BUNDLE = "kpi_tracking_dashboard.assets_dashboard";

class DashboardAction extends screenOnDemand("kpi_tracking_dashboard.Dashboard", BUNDLE) {
    static path = "kpi-dashboard";
    static displayName = _t("Dashboard");
}

registry.category("actions").add("kpi_tracking_dashboard.dashboard", DashboardAction);
