import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { screenOnDemand } from "@kpi_base/eager/on_demand/on_demand";

class PageAction extends screenOnDemand("kpi_bi_dashboard.Page", "kpi_bi_dashboard.assets_page") {
    static displayName = _t("Executive Dashboard");
}

registry.category("actions").add("kpi_bi_page", PageAction);
