import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { onDemand } from "./on_demand";

const DASHBOARD = "kpi_tracking.assets_dashboard";

class DashboardAction extends onDemand("kpi_tracking.Dashboard", DASHBOARD) {
    static path = "kpi-dashboard";
    static displayName = _t("Dashboard");
}

class HomeAction extends onDemand("kpi_tracking.Home", DASHBOARD) {
    static path = "kpi-home";
    static displayName = _t("Overview");
}

class PeriodReportAction extends onDemand("kpi_tracking.PeriodReport") {
    static path = "kpi-by-period";
    static displayName = _t("KPI by Period");
}

registry
    .category("actions")
    .add("kpi_tracking.dashboard", DashboardAction)
    .add("kpi_tracking.home", HomeAction)
    .add("kpi_tracking.entry_grid", onDemand("kpi_tracking.EntryGrid"))
    .add("kpi_tracking.job_progress", onDemand("kpi_tracking.JobProgressAction"))
    .add("kpi_tracking.period_report", PeriodReportAction);
