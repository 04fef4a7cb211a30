import { registry } from "@web/core/registry";

/** From the reports of the app to a figure, and to the deals behind it. */
registry.category("web_tour.tours").add("kpi_deal_pipeline.return_on_commission", {
    steps: () => [
        {
            content: "the screen stands among the other reports",
            trigger: ".o_kpi_menu_tabs a:contains(Return on Commission)",
            run: "click",
        },
        {
            content: "value won and commission cost of the year, and the return",
            trigger: ".o_pivot tbody tr:first-child td:nth-child(3):contains(€)",
        },
        {
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            trigger: ".o_group_by_menu .o_menu_item:contains(Channel)",
            run: "click",
        },
        {
            trigger: ".o_pivot tbody tr:contains(Web) td:nth-child(2):contains(1,000.00)",
        },
        {
            trigger: ".o_pivot tbody tr:contains(Web) td:nth-child(3):contains(100.00)",
        },
        {
            content: "without cost there is no return",
            trigger: ".o_pivot tbody tr:contains(Gift) td:nth-child(4).o_empty",
        },
        {
            content: "the deals behind a figure",
            trigger: ".o_pivot tbody tr:contains(Web) td.o_pivot_cell_value:first",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row td[name=deal_id]:contains(Quay 9)",
            run: "click",
        },
        {
            content: "a row opens its deal",
            trigger: ".o_form_view .o_field_widget[name=pipeline_stage]",
        },
        {
            trigger: ".o_breadcrumb:contains(Quay 9)",
        },
    ],
});
