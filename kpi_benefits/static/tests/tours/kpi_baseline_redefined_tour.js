import { registry } from "@web/core/registry";

/** A benefit whose KPI is measured otherwise since July leads to its baseline. */
registry.category("web_tour.tours").add("kpi_benefits.baseline_redefined", {
    steps: () => [
        {
            content: "the benefit says since when",
            trigger: ".alert-warning:contains(new definition since Jul 2026)",
        },
        {
            content: "open its baseline",
            trigger: ".alert-warning button[name=action_open_baseline]:contains(Enter Baseline)",
            run: "click",
        },
        {
            content: "keep it as it is",
            trigger: "button[name=action_keep_baseline]",
            run: "click",
        },
        {
            content: "what that means is asked first",
            trigger: ".modal:contains(current definition) footer .btn-primary",
            run: "click",
        },
        {
            content: "the baseline counts by the new definition",
            trigger: "body:not(:has(.modal)):not(:has(button[name=action_keep_baseline]))",
        },
        {
            content: "back to the benefit",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            content: "which asks for nothing any more",
            trigger: ".o_form_view .o_field_widget[name=baseline_id]",
        },
        {
            trigger: ".o_form_view:not(:has(.alert-warning:contains(new definition)))",
        },
    ],
});
