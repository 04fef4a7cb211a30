import { registry } from "@web/core/registry";

/** The question of a new company, answered by one click. */
registry.category("web_tour.tours").add("kpi_tracking.start", {
    steps: () => [
        {
            content: "what to see first is asked",
            trigger: ".o_kpi_start h1",
        },
        {
            content: "the area with most records is suggested",
            trigger: ".o_kpi_start_card:not(.o_kpi_start_empty) .btn-primary",
            run: "click",
        },
        {
            content: "its KPIs are shown",
            trigger: "body:not(:has(.o_kpi_start)), body:has(.o_kpi_job_progress_action)",
        },
    ],
});
