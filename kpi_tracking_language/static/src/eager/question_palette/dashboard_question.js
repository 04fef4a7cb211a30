import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Ask from a dashboard, on which the answer can be kept as a tile. */
registry.category("kpi_tracking_dashboard.dashboard_menu").add(
    "question",
    {
        icon: "fa-question-circle-o",
        text: _t("Ask about your KPIs"),
        onSelected: ({ dashboard: { id, is_editable, name }, services }) =>
            services.action.doAction({
                type: "ir.actions.client",
                name: _t("Ask about your KPIs"),
                params: { dashboard: is_editable && { id, name } },
                tag: "kpi_tracking_language.question",
            }),
    },
    { sequence: 40 },
);
