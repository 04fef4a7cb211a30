import { registry } from "@web/core/registry";

const back = { trigger: ".breadcrumb-item:contains(Approval Times)", run: "click" };
const title = (text) => ({ trigger: `.o_kpi_times_section h2:contains(${text})` });
const link = (text) => ({
    trigger: `.o_kpi_times_section button:contains(/^${text}$/)`,
    run: "click",
});

const choose = (name) => [
    { trigger: ".modal [name=delay_reason_id] .o_select_menu_toggler", run: "click" },
    { trigger: `.o_select_menu_item:contains(${name})`, run: "click" },
];

/** Who approves an overdue request gives a delay reason, and cannot go without. */
registry.category("web_tour.tours").add("kpi_workflow_tat.late_decision", {
    steps: () => [
        { trigger: "button[name=action_open_approve]", run: "click" },
        { trigger: ".modal .alert:contains(Choose a delay reason)" },
        { trigger: ".modal button[name=action_decide]:contains(Approve)", run: "click" },
        { trigger: ".modal .o_field_widget[name=delay_reason_id].o_field_invalid" },
        ...choose("Workload"),
        { trigger: ".modal button[name=action_decide]:contains(Approve)", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_view" },
    ],
});

const write = { trigger: ".modal [name=comment] textarea", run: "edit Too expensive" };
const isRefused = { trigger: ".modal .o_field_widget[name=delay_reason_id].o_field_invalid" };
const press = (label) => ({
    trigger: `.modal .modal-footer button:contains(/^${label}$/)`,
    run: "click",
});

/** Of several that are ticked some are overdue: the dialog asks once, for these. */
registry.category("web_tour.tours").add("kpi_workflow_tat.late_decisions", {
    steps: () => [
        { trigger: ".o_data_row:eq(2)" },
        { trigger: "thead .o_list_record_selector input", run: "click" },
        { trigger: ".o_control_panel button[name=action_approve]", run: "click" },
        { trigger: ".modal .alert:contains(Some decisions are overdue)" },
        { trigger: ".modal [name=step_count]:contains(/^3$/)" },
        { trigger: ".modal [name=late_count]:contains(/^2$/)" },
        press("Approve"),
        isRefused,
        ...choose("Workload"),
        { trigger: ".modal [name=delay_note] textarea", run: "edit Month end" },
        press("Approve"),
        { trigger: ".o_notification:contains(Approved: 3)" },
        { trigger: "body:not(:has(.modal)) .o_view_nocontent" },
    ],
});

/** A late rejection needs a delay reason beside its own, on the form of the request. */
registry.category("web_tour.tours").add("kpi_workflow_tat.late_rejection", {
    steps: () => [
        { trigger: ".o_statusbar_buttons button:contains(/^Reject$/)", run: "click" },
        { trigger: ".modal .alert:contains(Choose a delay reason)" },
        write,
        press("Reject"),
        isRefused,
        ...choose("Absence"),
        press("Reject"),
        { trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Rejected)" },
    ],
});

/** The same on the cards that a phone shows of approvals. */
registry.category("web_tour.tours").add("kpi_workflow_tat.late_rejection_card", {
    steps: () => [
        { trigger: ".o_kanban_record button:contains(/^Reject$/)", run: "click" },
        { trigger: ".modal .alert:contains(Overdue. Choose a delay reason)" },
        write,
        press("Reject"),
        isRefused,
        ...choose("Absence"),
        press("Reject"),
        { trigger: "body:not(:has(.modal)) .o_view_nocontent" },
    ],
});

/** The reports are sections of one page, whose numbers and links lead to their records. */
registry.category("web_tour.tours").add("kpi_workflow_tat.reports", {
    steps: () => [
        title("Ann decided 0 of 1 in time"),
        { trigger: ".o_kpi_times_list td:contains(Workload)" },
        { trigger: ".o_kpi_times_list button:contains(Laptops)", run: "click" },
        { trigger: ".o_form_view h1:contains(Laptops)" },
        back,
        { trigger: ".o_kpi_times_figure:contains(Open requests)", run: "click" },
        { trigger: ".o_data_row td[name=subject]:contains(Laptops)" },
        back,
        { trigger: ".o_kpi_times_approvers button:contains(Ann)", run: "click" },
        { trigger: ".o_data_row td[name=approver_id]:contains(Ann)" },
        back,
        link("Open Process Map"),
        { trigger: ".o_kpi_map_drawing" },
        back,
        { trigger: ".o_kpi_times_filters button:contains(All templates)", run: "click" },
        { trigger: ".o-dropdown-item:contains(/^Purchase$/)", run: "click" },
        { trigger: ".o_kpi_times_filters button:contains(/^Purchase$/)" },
        { trigger: ".o_kpi_times_cog", run: "click" },
        { trigger: ".o-dropdown-item:contains(Scheduled emails)", run: "click" },
        { trigger: ".o_view_nocontent:contains(No scheduled emails yet)" },
        back,
        link("Request Lifecycle"),
        { trigger: ".o_group_header:contains(Level 1)", run: "click" },
        { trigger: ".o_data_row td[name=person_name]:contains(Ann)", run: "click" },
        { trigger: ".o_form_view h1:contains(Laptops)" },
        { trigger: ".o_statusbar_buttons button[title=More]", run: "click" },
        { trigger: ".o-dropdown--menu button:contains(/^Lifecycle$/)", run: "click" },
        { trigger: ".o_data_row td[name=step]:contains(Submitted)" },
    ],
});

/** A late decision that was made without a delay reason gets one on the page. */
registry.category("web_tour.tours").add("kpi_workflow_tat.late_reason", {
    steps: () => [
        { trigger: ".o_kpi_times_list button:contains(Add a reason)", run: "click" },
        ...choose("Workload"),
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: ".o_kpi_times_list td:contains(Workload)" },
        { trigger: "body:not(:has(.modal)):not(:has(button:contains(Add a reason)))" },
    ],
});
