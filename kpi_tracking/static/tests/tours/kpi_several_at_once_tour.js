import { registry } from "@web/core/registry";

const CATEGORY = ".o_data_row:contains(Moods) td[name=category_id]";

/** An officer puts two KPIs into a category at once; formulas are not edited here. */
registry.category("web_tour.tours").add("kpi_tracking.several_at_once", {
    steps: () => [
        { trigger: ".o_data_row:contains(Moods) .o_list_record_selector input", run: "click" },
        { trigger: ".o_data_row:contains(Pulse) .o_list_record_selector input", run: "click" },
        { trigger: CATEGORY, run: "click" },
        { trigger: ".o_selected_row:not(:has(td[name=code] input))" },
        { trigger: `${CATEGORY} input`, run: "edit Wellbeing" },
        { trigger: ".dropdown-item:contains(/^Wellbeing$/)", run: "click" },
        { trigger: ".modal .btn-primary", run: "click" },
        { trigger: ".o_data_row:contains(Pulse) td[name=category_id]:contains(Wellbeing)" },
    ],
});
