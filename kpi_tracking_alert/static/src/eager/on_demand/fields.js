import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { onDemand } from "@kpi_base/eager/on_demand/on_demand";
import { UNIT_FIELDS } from "@kpi_tracking/eager/kpi_format/kpi_unit";

const SCREENS = "kpi_tracking_alert.assets_screens";

// What views ask of them; the components come when one is drawn.
registry
    .category("fields")
    .add("kpi_alert_chart", {
        component: onDemand("kpi_tracking_alert.AlertChartField", SCREENS),
        displayName: _t("Alert chart"),
        supportedTypes: ["json"],
        fieldDependencies: [
            ...UNIT_FIELDS,
            { name: "aggregation_time", type: "selection", selection: [] },
            { name: "headline", type: "char" },
        ],
    })
    .add("kpi_alert_parts", {
        component: onDemand("kpi_tracking_alert.AlertPartsField", SCREENS),
        displayName: _t("Parts of an alert's value"),
        supportedTypes: ["json"],
    })
    .add("kpi_alert_quality", {
        component: onDemand("kpi_tracking_alert.QualityField", SCREENS),
        displayName: _t("Alert rule quality"),
        supportedTypes: ["json"],
        isEmpty: () => false,
    })
    .add("kpi_alert_replay", {
        component: onDemand("kpi_tracking_alert.ReplayField", SCREENS),
        displayName: _t("Alert rule test"),
        supportedTypes: ["json"],
        isEmpty: () => false,
    })
    .add("kpi_alert_suggestion", {
        component: onDemand("kpi_tracking_alert.SuggestionField", SCREENS),
        displayName: _t("Quieter threshold"),
        supportedTypes: ["json"],
        isEmpty: () => false,
    })
    .add("kpi_alert_trial", {
        component: onDemand("kpi_tracking_alert.TrialField", SCREENS),
        displayName: _t("Alerts in the last periods"),
        supportedTypes: ["json"],
        isEmpty: () => false,
    });
