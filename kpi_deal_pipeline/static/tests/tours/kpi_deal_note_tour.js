import { registry } from "@web/core/registry";

const CARD = ".o_kanban_record:contains(Quay 8)";

/** From a deal's card to a note about it, which then stands on the card. */
registry.category("web_tour.tours").add("kpi_deal_pipeline.log_note", {
    steps: () => [
        {
            trigger: `${CARD} button.o-dropdown:not(:visible)`,
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu [role=menuitem]:contains(Log Note)",
            run: "click",
        },
        {
            content: "the cursor stands in the text",
            trigger: ".modal .odoo-editor-editable:focus",
        },
        {
            trigger: ".modal .odoo-editor-editable",
            run: "editor Tenant calls back",
        },
        {
            trigger: ".modal-footer button:contains(Log)",
            run: "click",
        },
        {
            content: "the card shows the note",
            trigger: `body:not(:has(.modal)) ${CARD} .o_kpi_deal_latest:contains(Tenant calls back)`,
        },
    ],
});
