import { registry } from "@web/core/registry";

/** The dialog names the alert that one has, and adds the channel to it. */
registry.category("web_tour.tours").add("kpi_tracking_alert.second_channel", {
    steps: () => [
        {
            trigger: "button[name=action_alert_me]",
            run: "click",
        },
        {
            trigger: ".modal .alert-info [name=twin_id]:contains(Revenue)",
        },
        {
            trigger: ".modal [name=notification_channels] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains(Bell)",
            run: "click",
        },
        {
            content: "another channel is no other alert",
            trigger: ".modal .alert-info [name=twin_id]",
        },
        {
            trigger: ".modal button[name=action_turn_on_and_close]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains(You already have this alert)",
        },
    ],
});

/** From a KPI to an alert that is on: its sentence is complete, and tried at once. */
registry.category("web_tour.tours").add("kpi_tracking_alert.alert_me", {
    steps: () => [
        {
            trigger: "button[name=action_alert_me]",
            run: "click",
        },
        {
            content: "the sentence names the KPI",
            trigger: ".modal .o_kpi_sentence:contains(Complaints)",
        },
        {
            content: "it was tried on the last periods",
            trigger: ".modal .o_kpi_trial li:nth-child(12)",
        },
        {
            trigger: ".modal button[name=action_turn_on_and_close]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains(Rule turned on)",
        },
    ],
});
