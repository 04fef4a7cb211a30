import { registry } from "@web/core/registry";

const GRID_CELL = "td[data-column='0'] input";

function paste(anchor, text) {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    const options = { bubbles: true, cancelable: true, clipboardData };
    anchor.dispatchEvent(new ClipboardEvent("paste", options));
}

/** From the list to a KPI of one's own with a target and the values of a year. */
registry.category("web_tour.tours").add("kpi_tracking.new_kpi", {
    url: "/odoo/kpis",
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        {
            content: "a KPI that there is not is defined here",
            trigger: ".o_field_widget[name=definition_id] input",
            run: "edit Customer grumbles",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Create and edit)",
            run: "click",
        },
        { trigger: ".modal .o_kpi_definition_form" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        {
            content: "its name is that of the form now",
            trigger: "body:not(:has(.modal)) .o_breadcrumb:contains(Customer grumbles)",
        },
        { trigger: ".o_field_x2many_list_row_add a", run: "click" },
        {
            content: "a target is typed at its place",
            trigger: ".o_field_widget[name=target_ids] .o_selected_row [name=value] input",
            run: "edit 20",
        },
        { trigger: "button[name=action_enter_values]", run: "click" },
        {
            content: "the first of twelve periods waits for its value",
            trigger: `tr:contains(Customer grumbles):has(td[data-column='11']) ${GRID_CELL}:focus`,
            run: ({ anchor }) => paste(anchor, "14\t12\t13\t18\t15\t12\t11\t13\t12\t11\t14\t13"),
        },
        { trigger: ".o_kpi_entry_save:contains(Enter 12 Values)", run: "click" },
        {
            content: "nobody is late with what was not due",
            trigger: "td[data-column='10']:contains(Entered):not(:contains(late))",
        },
        { trigger: ".o_kpi_entry_save:disabled" },
    ],
});
