import { registry } from "@web/core/registry";

/** A rate is changed after deals were won; what it changes is seen, then applied. */
registry.category("web_tour.tours").add("kpi_deal_pipeline.plan_change", {
    steps: () => [
        {
            content: "the rate becomes another one",
            trigger: ".o_field_widget[name=rate] input",
            run: "edit 20",
        },
        {
            content: "save it",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "commissions wait",
            trigger:
                ".alert-warning:contains(previous terms) .o_field_widget[name=changed_count]:contains(1)",
        },
        {
            content: "see what would change",
            trigger: "button[name=action_review_change]:contains(Review Change)",
            run: "click",
        },
        {
            content: "by agent, before and after",
            trigger: ".modal .o_data_row td[name=before_amount]:contains(100.00)",
        },
        {
            trigger: ".modal .o_data_row td[name=after_amount]:contains(200.00)",
        },
        {
            content: "accept it",
            trigger: ".modal footer button[name=action_apply]",
            run: "click",
        },
        {
            content: "it is on its way",
            trigger: "body:not(:has(.modal)) .alert-info:contains(being applied)",
        },
    ],
});
