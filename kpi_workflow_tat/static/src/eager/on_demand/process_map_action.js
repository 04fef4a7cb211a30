import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { screenOnDemand } from "@kpi_base/eager/on_demand/on_demand";

const BUNDLE = "kpi_workflow_tat.assets_process_map";

class ProcessMapAction extends screenOnDemand("kpi_workflow_tat.ProcessMap", BUNDLE) {
    static path = "process-map";
    static displayName = _t("Process Map");
}

registry.category("actions").add("kpi_workflow_tat.process_map", ProcessMapAction);
