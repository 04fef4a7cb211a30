import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { screenOnDemand } from "@kpi_base/eager/on_demand/on_demand";

const BUNDLE = "kpi_benefits.assets_screens";

class BenefitMapAction extends screenOnDemand("kpi_benefits.BenefitMap", BUNDLE) {
    static path = "benefits-map";
    static displayName = _t("Benefits Map");
}

class CalibrationAction extends screenOnDemand("kpi_benefits.Calibration", BUNDLE) {
    static path = "confidence-check";
    static displayName = _t("Confidence Check");
}

class BenefitsDashboardAction extends screenOnDemand("kpi_benefits.BenefitsDashboard", BUNDLE) {
    static path = "benefits-dashboard";
    static displayName = _t("Benefits Dashboard");
}

class InitiativeDashboardAction extends screenOnDemand("kpi_benefits.InitiativeDashboard", BUNDLE) {
    static path = "initiative-dashboard";
    static displayName = _t("Initiative Dashboard");
}

registry
    .category("actions")
    .add("kpi_benefits.benefits_dashboard", BenefitsDashboardAction)
    .add("kpi_benefits.initiative_dashboard", InitiativeDashboardAction)
    .add("kpi_benefits.map", BenefitMapAction)
    .add("kpi_benefits.calibration", CalibrationAction);
