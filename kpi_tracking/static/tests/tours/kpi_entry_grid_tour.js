import { registry } from "@web/core/registry";

const SAVE = ".o_kpi_entry_save";
const tours = registry.category("web_tour.tours");

function cell(kpi, column) {
    return `tr:contains(${kpi}) td[data-column='${column}'] input`;
}

function paste(anchor, text) {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    const options = { bubbles: true, cancelable: true, clipboardData };
    anchor.dispatchEvent(new ClipboardEvent("paste", options));
}

/** Values typed by keyboard, a block pasted, a correction refused until it has a reason. */
tours.add("kpi_tracking.entry_grid", {
    url: "/odoo/kpi-entry-grid",
    steps: () => [
        {
            content: "what is owed says so in words",
            trigger: "tr:contains(Moods) td[data-column='4']:contains(Overdue)",
        },
        {
            content: "typing replaces, Enter goes down",
            trigger: cell("Moods", 4),
            run: "edit 7,5 && press Enter",
        },
        {
            content: "the cell below has the focus; Esc takes back what is typed",
            trigger: `${cell("Pulse", 4)}:focus`,
            run: "edit 99",
        },
        { trigger: `${cell("Pulse", 4)}:focus`, run: "press Escape" },
        {
            content: "arrows move",
            trigger: `${cell("Pulse", 4)}:focus:value()`,
            run: "press ArrowUp",
        },
        {
            content: "a block is pasted over both rows, one cell lies outside",
            trigger: `${cell("Moods", 4)}:focus`,
            run: ({ anchor }) => paste(anchor, '7,5\t8\n12,5.3\t"9"\n4\t\n'),
        },
        {
            content: "what lay outside is reported",
            trigger: ".o_kpi_entry_left_over:contains(1 pasted values):contains(4)",
        },
        {
            content: "one request enters those that are values",
            trigger: `${SAVE}:contains(Enter 3 Values)`,
            run: "click",
        },
        {
            content: "what is right is entered",
            trigger: "tr:contains(Moods) td[data-column='5']:contains(Entered)",
        },
        {
            content: "what is wrong keeps its text",
            trigger: `td:contains(Error) input:value(12,5.3)`,
            run: "click",
        },
        {
            content: "and says why",
            trigger: ".o_kpi_entry_details:contains(is not a number)",
        },
        {
            content: "it is mended",
            trigger: cell("Pulse", 4),
            run: "edit 12,5",
        },
        { trigger: `${SAVE}:contains(Enter 1 Value)`, run: "click" },
        { trigger: "tr:contains(Pulse) td[data-column='4']:contains(Entered)" },
        {
            content: "a value that counts is corrected",
            trigger: cell("Pulse", 4),
            run: "edit 13",
        },
        {
            content: "with a reason",
            trigger: ".o_kpi_entry_reason input",
            run: "edit Counted again",
        },
        { trigger: SAVE, run: "click" },
        { trigger: `${SAVE}:disabled` },
    ],
});

/** A value far outside the usual: kept for editing first, then entered. */
tours.add("kpi_tracking.entry_grid_unusual", {
    url: "/odoo/kpi-entry-grid",
    steps: () => [
        { trigger: cell("Moods", 4), run: "edit 7x" },
        {
            content: "what is no number is marked while it is typed",
            trigger: "tr:contains(Moods) td[data-column='4']:contains(Error)",
        },
        { trigger: cell("Moods", 4), run: "edit 830" },
        { trigger: SAVE, run: "click" },
        {
            content: "it is asked about",
            trigger: ".modal .o_kpi_entry_unusual:contains(Moods):contains(the usual change)",
        },
        { trigger: ".modal button:contains(Keep Editing)", run: "click" },
        {
            content: "the text stays, with a word for it",
            trigger:
                "body:not(:has(.modal)) td[data-column='4']:contains(Unusual) input:value(830)",
        },
        { trigger: SAVE, run: "click" },
        { trigger: ".modal button:contains(Enter Anyway)", run: "click" },
        { trigger: "tr:contains(Moods) td[data-column='4']:contains(Entered)" },
        { trigger: `${SAVE}:disabled` },
    ],
});

/** On a phone: a big input for each KPI of the period owed. */
tours.add("kpi_tracking.entry_grid_phone", {
    url: "/odoo/kpi-entry-grid",
    steps: () => [
        {
            content: "the earliest period owed is chosen",
            trigger: ".o_kpi_entry_card:contains(Moods):contains(Overdue) input",
            run: "edit 8",
        },
        {
            content: "a note goes along",
            trigger: ".o_kpi_entry_card:contains(Moods) .o_kpi_entry_note input",
            run: "edit Survey",
        },
        { trigger: SAVE, run: "click" },
        { trigger: ".o_kpi_entry_card:contains(Moods):contains(Entered):contains(Survey)" },
    ],
});
