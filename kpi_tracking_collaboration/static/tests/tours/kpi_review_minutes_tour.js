import { registry } from "@web/core/registry";

/** Minutes are sent after their receivers were shown. */
registry.category("web_tour.tours").add("kpi_tracking_collaboration.send_minutes", {
    steps: () => [
        {
            trigger: "button[name=action_ask_minutes]",
            run: "click",
        },
        {
            content: "who takes part receives them",
            trigger: ".modal [name=receivers]:contains(Reader of minutes)",
        },
        {
            trigger: ".modal button[name=action_send]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=minutes_sent_at]",
        },
    ],
});
