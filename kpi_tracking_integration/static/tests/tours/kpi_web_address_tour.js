import { registry } from "@web/core/registry";
import { cookie } from "@web/core/browser/cookie";

/** A web address is set up from its card to its first sync, with a look at its rows. */
registry.category("web_tour.tours").add("kpi_tracking_integration.web_address", {
    steps: () => [
        { trigger: ".o_kpi_integration_gallery_card[data-key=web_address]", run: "click" },
        {
            trigger: ".o_field_widget[name=definition_id] input",
            run: "edit Pulse",
        },
        { trigger: ".dropdown-item:contains(/^Pulse$/)", run: "click" },
        {
            trigger: "[data-option=address] input",
            run: ({ edit }) => edit(decodeURIComponent(cookie.get("kpi_tour_address"))),
        },
        { trigger: "[data-option=rows] input", run: "edit /data" },
        { trigger: "[data-option=header] input", run: "edit X-Api-Key" },
        { trigger: ".o_field_widget[name=api_credentials] input", run: "edit s3cret-key" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved button[name=action_test]", run: "click" },
        { trigger: ".o_notification:contains(Connected: 127.0.0.1)" },
        { trigger: "button[name=action_check]", run: "click" },
        {
            content: "the column that is not known is chosen",
            trigger: ".o_data_row:contains(reading) td[name=key]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(reading) td[name=key] select",
            run: "selectByLabel Value",
        },
        { trigger: "button[name=action_check]:contains(Check)", run: "click" },
        { trigger: ".o_kpi_import_check_accepted tr:contains(Pulse):contains(12.5)" },
        { trigger: ".o_back_button, .breadcrumb-item a:contains(Web Address)", run: "click" },
        { trigger: "button[name=action_turn_on]", run: "click" },
        { trigger: ".o_field_widget[name=status_text]:contains(Active)" },
    ],
});
