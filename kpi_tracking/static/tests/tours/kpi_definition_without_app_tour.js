import { registry } from "@web/core/registry";

/** An officer opens a definition whose model is gone, and chooses other records. */
registry.category("web_tour.tours").add("kpi_tracking.definition_without_app", {
    steps: () => [
        { trigger: ".alert:contains(gone.model)" },
        { trigger: ".o_field_widget[name=domain]:contains(is_company)" },
        { trigger: ".nav-link:contains(Breakdown)", run: "click" },
        { trigger: ".o_data_cell:contains(country_id)" },
        { trigger: ".nav-link:contains(Records)", run: "click" },
        { trigger: ".o_model_selector input", run: "edit Contact" },
        { trigger: ".dropdown-item:contains(/^Contact$/)", run: "click" },
        { trigger: ".o_field_widget[name=date_field] .o_model_field_selector" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
    ],
});
