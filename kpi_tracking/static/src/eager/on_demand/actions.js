import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { onDemand, screenOnDemand } from "./on_demand";

class HomeAction extends screenOnDemand("kpi_tracking.Home", "kpi_tracking.assets_home") {
    static path = "kpi-home";
    static displayName = _t("Overview");
}

class PeriodReportAction extends screenOnDemand("kpi_tracking.PeriodReport") {
    static path = "kpi-by-period";
    static displayName = _t("KPIs by Period");
}

registry
    .category("actions")
    .add("kpi_tracking.home", HomeAction)
    .add("kpi_tracking.entry_grid", onDemand("kpi_tracking.EntryGrid"))
    .add("kpi_tracking.period_report", PeriodReportAction);
