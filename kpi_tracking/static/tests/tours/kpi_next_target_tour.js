import { registry } from "@web/core/registry";

/** From the targets in force to that of the next year. */
registry.category("web_tour.tours").add("kpi_tracking.next_target", {
    url: "/odoo/kpi-targets",
    steps: () => [
        {
            content: "targets in force are grouped by KPI, for whom they are",
            trigger: ".o_group_header:contains(Pulse) .o_kpi_target_summary:contains(company)",
        },
        { trigger: ".o_data_cell[name=next_target] button:contains(Set)", run: "click" },
        {
            content: "it begins as a copy of the one in force",
            trigger: ".modal .o_field_widget[name=value] input",
            run: "edit 8",
        },
        { trigger: ".modal .o_form_button_save", run: "click" },
        {
            content: "what follows is named instead of the button",
            trigger: "body:not(:has(.modal)) .o_data_cell[name=next_target]:contains(8)",
        },
        { trigger: ".o_data_row:not(:has([name=next_target] button))" },
    ],
});
