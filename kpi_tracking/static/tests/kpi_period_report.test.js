import { expect, test } from "@odoo/hoot";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    fromAddress,
    toAddress,
    USUAL_OPTIONS,
} from "@kpi_tracking/screens/period_report/period_options";
import { PeriodTable } from "@kpi_tracking/screens/period_report/period_table";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";

defineMailModels();

const FIGURES = [
    { key: "actual", label: "Value", is_percent: false },
    { key: "target", label: "Target", is_percent: false },
    { key: "ytd", label: "Year to Date", is_percent: false },
];
const cell = (status, texts = {}) => ({ status, texts, numbers: {} });
const SECTION = {
    title: "Sales",
    columns: [
        { start: "2026-01-01", label: "Jan 2026", is_running: false },
        { start: "2026-02-01", label: "Feb 2026", is_running: true },
    ],
    rows: [
        {
            id: 7,
            name: "Won Revenue",
            unit: "€",
            note: "",
            figures: ["actual", "target"],
            cells: [cell("off_target", { actual: "82", target: "100" }), cell("no_data")],
        },
    ],
};

test("an address holds what differs from the usual, and gives it back", () => {
    const chosen = {
        ...USUAL_OPTIONS,
        department_ids: [3, 14],
        figures: [],
        grain: "week",
        has_running: false,
        period_count: 12,
        scope_type: "team",
    };
    const address = JSON.parse(JSON.stringify(toAddress(chosen)));
    expect(address).toEqual({
        departments: "3,14",
        figures: "none",
        grain: "week",
        last: "12",
        running: "false",
        scope: "team",
    });
    expect({ ...USUAL_OPTIONS, ...fromAddress(address) }).toEqual(chosen);
    expect(fromAddress({ action: "kpi-by-period" })).toEqual({});
});

test("each value has the icon and the word of its status, a gap has neither", async () => {
    const clicks = [];
    await mountWithCleanup(PeriodTable, {
        props: {
            figures: FIGURES,
            onCell: (row, column) => clicks.push([row.id, column.start]),
            onKpi: (row) => clicks.push(row.id),
            section: SECTION,
        },
    });
    expect("td svg title").toHaveProperty("textContent", "Off track");
    expect("td path").toHaveAttribute("d", STATUSES.off_target.path);
    expect(queryAllTexts("td")).toEqual(["82", "–", "100", "–"]);
    expect("thead th:last .fa-clock-o").toHaveCount(1);
    await click("td button");
    await click("tbody a");
    expect(clicks).toEqual([[7, "2026-01-01"], 7]);
});
