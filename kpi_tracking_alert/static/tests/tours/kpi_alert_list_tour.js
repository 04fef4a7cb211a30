import { registry } from "@web/core/registry";

/** The alerts of a KPI are acknowledged while it is folded; another one is opened. */
registry.category("web_tour.tours").add("kpi_tracking_alert.acknowledge_all", {
    steps: () => [
        {
            content: "the worst KPI comes first, and its button leads",
            trigger: ".o_kpi_alert_group:first:contains(Complaints) .btn-primary",
            run: "click",
        },
        {
            content: "nothing of it is left to acknowledge",
            trigger: ".o_kpi_alert_group:contains(Complaints):not(:has(.btn))",
        },
        {
            trigger: ".o_kpi_alert_group:contains(Revenue) .o_group_name",
            run: "click",
        },
        {
            trigger: ".o_data_row [name=scope_name]",
            run: "click",
        },
        {
            trigger: ".o_kpi_alert_page h1:contains(of its target)",
        },
        {
            trigger: ".o_kpi_alert_chart canvas",
        },
    ],
});
