import { registry } from "@web/core/registry";

/** The overview: a star, the running period, a KPI and its star on the form. */
registry.category("web_tour.tours").add("kpi_tracking.home", {
    url: "/odoo/kpi-home",
    steps: () => [
        {
            content: "a KPI is starred",
            trigger: ".o_kpi_home_card:contains(Pulse) .o_kpi_star[aria-pressed=false]",
            run: "click",
        },
        {
            content: "and comes first",
            trigger: ".o_kpi_home_card:first-child:contains(Pulse) .o_kpi_star[aria-pressed=true]",
        },
        {
            content: "the running period is shown",
            trigger: ".o_kpi_home_period button:last-child[aria-pressed=false]",
            run: "click",
        },
        {
            content: "and says so",
            trigger: ".o_kpi_home_period button:last-child[aria-pressed=true]",
        },
        {
            content: "the KPI is opened",
            trigger: ".o_kpi_home_card:contains(Pulse) .o_kpi_home_title",
            run: "click",
        },
        {
            content: "its form has the star too; it is taken away",
            trigger: ".o_form_view .o_kpi_star[aria-pressed=true]",
            run: "click",
        },
        {
            content: "at once",
            trigger: ".o_form_view .o_kpi_star[aria-pressed=false]",
        },
        {
            content: "back to the overview",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            content: "where no KPI is starred any more",
            trigger: ".o_kpi_home_cards:not(:has(.o_kpi_star[aria-pressed=true]))",
        },
    ],
});
