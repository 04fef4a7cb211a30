import { registry } from "@web/core/registry";

/** A won deal shows its final value, and is reopened with a reason. */
registry.category("web_tour.tours").add("kpi_deal_pipeline.reopen", {
    steps: () => [
        {
            trigger: ".o_form_view label:contains(Final Value)",
        },
        {
            content: "the final value is not edited",
            trigger: ".o_field_widget[name=estimated_value_amount].o_readonly_modifier",
        },
        {
            trigger: ".o_form_view:not(:has(.o_field_widget[name=confidence]))",
        },
        {
            trigger: "button[name=action_ask_reopen]",
            run: "click",
        },
        {
            content: "nothing is reopened without a reason",
            trigger: ".modal button[name=action_reopen]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_invalid[name=reason] textarea",
            run: "edit Not signed",
        },
        {
            trigger: ".modal button[name=action_reopen]",
            run: "click",
        },
        {
            trigger: ".o_form_view label:contains(Estimated Value)",
        },
        {
            trigger: "button[name=action_won]",
        },
    ],
});
