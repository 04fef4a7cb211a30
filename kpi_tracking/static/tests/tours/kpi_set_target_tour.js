import { registry } from "@web/core/registry";

/** From a KPI without a target to one that is rated: what is realistic is proposed. */
registry.category("web_tour.tours").add("kpi_tracking.set_target", {
    steps: () => [
        {
            content: "there is no target yet",
            trigger: ".o_kpi_band_first button:contains(Set Target)",
            run: "click",
        },
        {
            content: "a realistic one is proposed",
            trigger: ".modal .o_kpi_target_setting_suggested .active:contains(realistic)",
        },
        {
            content: "what it means is drawn",
            trigger: ".modal .o_kpi_target_setting_chart canvas",
        },
        {
            content: "earlier periods stay unrated",
            trigger: ".modal .o_kpi_target_setting_note:contains(stay without a target)",
        },
        {
            trigger: ".modal-footer .btn-primary:contains(Set Target)",
            run: "click",
        },
        {
            content: "the KPI has its target",
            trigger: "body:not(:has(.modal)) .o_kpi_band_first:not(:has(button))",
        },
    ],
});
