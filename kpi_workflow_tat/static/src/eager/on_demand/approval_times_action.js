import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { screenOnDemand } from "@kpi_base/eager/on_demand/on_demand";

const BUNDLE = "kpi_workflow_tat.assets_approval_times";

class ApprovalTimesAction extends screenOnDemand("kpi_workflow_tat.ApprovalTimes", BUNDLE) {
    static path = "approval-times";
    static displayName = _t("Approval Times");
}

registry.category("actions").add("kpi_workflow_tat.approval_times", ApprovalTimesAction);
