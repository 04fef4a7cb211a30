import { registry } from "@web/core/registry";

const department = (name) => [
    { trigger: ".o_field_widget[name=department_id] input", run: `edit ${name}` },
    { trigger: `.dropdown-item:contains(/^${name}$/)`, run: "click" },
];
const since = ".o_field_widget[name=kpi_department_change]";

/** Whoever keeps employees enters a move, and corrects a department for good. */
registry.category("web_tour.tours").add("kpi_base.employee_moves", {
    steps: () => [
        { trigger: `.o_form_view:not(:has(${since}))` },
        ...department("Movers West"),
        { trigger: `${since} .form-check:contains(Today) input:checked` },
        {
            trigger: ".alert[role=status]:contains(counts for Movers East)",
        },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: `.o_form_saved:not(:has(${since}))` },
        { trigger: ".o_arrow_button_wrapper, .o_statusbar_status .o_arrow_button" },
        ...department("Movers South"),
        { trigger: `${since} .form-check:contains(Another) input`, run: "click" },
        { trigger: ".o_field_widget[name=kpi_department_since]" },
        { trigger: `${since} .form-check:contains(Always) input`, run: "click" },
        { trigger: ".alert[role=status]:contains(the start of this version)" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: `.o_form_saved:not(:has(${since}))` },
    ],
});
