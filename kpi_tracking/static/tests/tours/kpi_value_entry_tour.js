import { registry } from "@web/core/registry";

/** From the list to the form, a value entered there, its history as a table. */
registry.category("web_tour.tours").add("kpi_tracking.value_entry", {
    url: "/odoo/kpis",
    steps: () => [
        {
            content: "the KPI without a value says so",
            trigger: ".o_data_row:contains(Pulse):has(.o_kpi_status_muted) td[name=kpi_name]",
            run: "click",
        },
        {
            content: "it takes a value on its form",
            trigger: ".o_form_view button[name=action_enter_value]",
            run: "click",
        },
        {
            content: "the value is typed",
            trigger: ".modal .o_field_widget[name=value_text] input",
            run: "edit 8.25",
        },
        {
            content: "where it comes from",
            trigger: ".modal .o_field_widget[name=note] input",
            run: "edit Survey of the spring",
        },
        {
            content: "enter it",
            trigger: ".modal footer button[name=action_enter]",
            run: "click",
        },
        {
            content: "the form shows it at once",
            trigger: "body:not(:has(.modal)) .o_kpi_band_value:contains(8.25)",
        },
        {
            content: "against its target: 8.25 of 7.5",
            trigger: ".o_kpi_band_texts:contains(110%)",
        },
        {
            content: "on track",
            trigger: ".o_kpi_band .o_kpi_status_success:contains(On track)",
        },
        {
            content: "the history is drawn",
            trigger: ".o_kpi_history canvas",
        },
        {
            content: "and can be read",
            trigger: ".o_kpi_history button:contains(Show as Table)",
            run: "click",
        },
        {
            content: "as a table",
            trigger: ".o_kpi_history_table td:contains(8.25)",
        },
        {
            content: "back to the list",
            trigger: ".o_breadcrumb .o_back_button, .o_back_button",
            run: "click",
        },
        {
            content: "the list has the value as well",
            trigger: ".o_data_row:contains(Pulse) .o_kpi_status_success",
        },
    ],
});
