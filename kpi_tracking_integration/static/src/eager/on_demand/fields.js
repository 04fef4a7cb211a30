import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { onDemand } from "@kpi_base/eager/on_demand/on_demand";

registry.category("fields").add("kpi_integration_gallery", {
    component: onDemand(
        "kpi_tracking_integration.GalleryField",
        "kpi_tracking_integration.assets_screens",
    ),
    displayName: _t("Integration gallery"),
    supportedTypes: ["selection"],
    isEmpty: () => false,
    fieldDependencies: [{ name: "gallery", type: "json" }],
});
