import { registry } from "@web/core/registry";

/** Three questions, with a preview, to a KPI that is tracked and computed. */
registry.category("web_tour.tours").add("kpi_tracking.new_definition", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        {
            content: "a new KPI has neither tabs nor a discussion",
            trigger: ".o_kpi_definition_form:not(:has(.nav-link)):not(:has(.o-mail-Chatter))",
        },
        {
            trigger: ".o_kpi_new .o_field_widget[name=name] input",
            run: "edit Contacts made",
        },
        {
            trigger: ".o_kpi_source:contains(Odoo records)",
            run: "click",
        },
        {
            trigger: ".o_kpi_new .o_model_selector input",
            run: "edit Contact",
        },
        {
            trigger: ".dropdown-item:contains(/^Contact$/)",
            run: "click",
        },
        {
            content: "what it would count is shown",
            trigger: ".o_kpi_new_preview .o_kpi_definition_preview_value",
        },
        {
            content: "for whom it is tracked as well",
            trigger: ".o_field_widget[name=tracked_in_words]:contains(1 KPI: 1 company)",
        },
        {
            content: "more can be said of it",
            trigger: ".o_kpi_new_more .o_field_widget[name=shows_options] input",
            run: "click",
        },
        {
            trigger: ".o_kpi_definition_form .o_field_widget[name=code] input",
        },
        {
            trigger: ".o_form_statusbar button[name=action_open_calculated]",
            run: "click",
        },
        {
            content: "it is being computed",
            trigger: ".o_kpi_job_progress_action button",
            run: "click",
        },
        {
            content: "and opened",
            trigger: ".o_kpi_report_form:contains(Contacts made)",
        },
    ],
});
