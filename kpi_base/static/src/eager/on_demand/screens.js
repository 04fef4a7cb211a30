import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { onDemand, screenOnDemand } from "./on_demand";

const SCREENS = "kpi_base.assets_screens";

class ServersAction extends screenOnDemand("kpi_base.Servers", SCREENS) {
    static path = "kpi-servers";
    static displayName = _t("Servers");
}

// What views ask of them; the components come when one is drawn.
registry
    .category("fields")
    .add("kpi_before_after", {
        component: onDemand("kpi_base.BeforeAfterField", SCREENS),
        displayName: _t("Before and after"),
        supportedTypes: ["json"],
    })
    .add("kpi_import_check", {
        component: onDemand("kpi_base.ImportCheckField", SCREENS),
        displayName: _t("KPI import check"),
        supportedTypes: ["json"],
        isEmpty: () => false,
        fieldDependencies: [
            { name: "accepted_count", type: "integer" },
            { name: "is_check", type: "boolean" },
            { name: "refused_count", type: "integer" },
            { name: "state", type: "selection", selection: [] },
        ],
    })
    .add("kpi_import_key", {
        component: onDemand("kpi_base.ImportKeyField", SCREENS),
        displayName: _t("KPI import column"),
        supportedTypes: ["char"],
        extractProps: ({ options }) => ({ isInline: options.inline }),
        fieldDependencies: [{ name: "choices", type: "json" }],
    })
    .add("kpi_import_options", {
        component: onDemand("kpi_base.ImportOptionsField", SCREENS),
        displayName: _t("KPI import options"),
        supportedTypes: ["json"],
        isEmpty: () => false,
        fieldDependencies: [{ name: "asked_options", type: "json" }],
    })
    .add("kpi_job_progress", {
        component: onDemand("kpi_base.JobProgressField", SCREENS),
        displayName: _t("KPI job progress"),
        supportedTypes: ["float"],
        listViewWidth: [120, 180],
        isEmpty: () => false,
        fieldDependencies: [
            { name: "state", type: "selection", selection: [] },
            { name: "step_count", type: "integer" },
            { name: "step_done_count", type: "integer" },
        ],
    });

registry
    .category("view_widgets")
    .add("kpi_approvers", { component: onDemand("kpi_base.ApproversWidget", SCREENS) })
    .add("kpi_timeline", { component: onDemand("kpi_base.TimelineWidget", SCREENS) });

registry
    .category("actions")
    .add("kpi_base.job_progress", onDemand("kpi_base.JobProgressAction", SCREENS))
    .add("kpi_base.servers", ServersAction);
