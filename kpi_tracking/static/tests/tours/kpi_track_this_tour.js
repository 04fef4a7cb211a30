import { registry } from "@web/core/registry";

/** From records, by the cog menu, to a KPI that is tracked and opened. */
registry.category("web_tour.tours").add("kpi_tracking.track_this", {
    steps: () => [
        {
            content: "the cog menu of the partners",
            trigger: ".o_action_manager .o_cp_action_menus button",
            run: "click",
        },
        {
            content: "track what it shows",
            trigger: ".o_kpi_track_this",
            run: "click",
        },
        {
            content: "a definition filled from the view",
            trigger: ".o_kpi_definition_form .o_field_widget[name=name] input",
            run: "edit Partners in use",
        },
        {
            content: "the measure is asked for",
            trigger: ".o_field_widget[name=measure] :is(input, select)",
            run: "click",
        },
        {
            content: "count the records",
            trigger:
                ".o-dropdown-item:contains(Number of Records), .o_select_menu_item:contains(Number of Records)",
            run: "click",
        },
        {
            // A selection that loses the focus before it is drawn takes its choice back.
            content: "no field is asked for",
            trigger: ".o_kpi_definition_form:not(:has(.o_field_widget[name=measure_field]))",
        },
        {
            content: "create it",
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
            trigger: ".o_kpi_report_form:contains(Partners in use)",
        },
    ],
});
