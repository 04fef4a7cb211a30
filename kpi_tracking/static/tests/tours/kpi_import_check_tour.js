import { registry } from "@web/core/registry";

/** Rows with errors are seen, fixed by a click each, and imported. */
registry.category("web_tour.tours").add("kpi_tracking.import_check", {
    steps: () => [
        {
            content: "check the rows",
            trigger: ".o_statusbar_buttons button[name=action_check]",
            run: "click",
        },
        {
            content: "the wrong cell is red",
            trigger: ".o_kpi_import_check_refused .o_kpi_import_check_wrong:contains(2,5)",
        },
        {
            content: "with the reason",
            trigger: ".o_kpi_import_check_reason:contains(has a decimal comma)",
        },
        {
            content: "nothing can be imported yet",
            trigger: "button[name=action_import_checked]:disabled:contains(Import 0 Rows)",
        },
        {
            content: "read the column otherwise",
            trigger: ".o_kpi_import_check_fix button:contains(decimal comma)",
            run: "click",
        },
        {
            content: "the valid row says which KPI it goes to",
            trigger: ".o_kpi_import_check_record:contains(Pulse)",
        },
        {
            content: "create the KPI that is missing",
            trigger: ".o_kpi_import_check_fix button:contains(Create Missing KPIs)",
            run: "click",
        },
        {
            content: "no row has an error any more",
            trigger: ".o_form_view:not(:has(.o_kpi_import_check_refused))",
        },
        {
            content: "show the other valid rows",
            trigger: ".o_kpi_import_check_accepted button:contains(Show all 8 rows)",
            run: "click",
        },
        {
            content: "the last one is there",
            trigger: ".o_kpi_import_check_accepted tr:nth-child(8) :contains(New: mails)",
        },
        {
            content: "import them",
            trigger: "button[name=action_import_checked]:contains(Import 8 Rows)",
            run: "click",
        },
        {
            content: "they are imported",
            trigger: ".o_kpi_import_check_accepted h2:contains(8 imported rows)",
        },
    ],
});
