import { expect, test } from "@odoo/hoot";
import { makeMockEnv, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { getDefaultConfig } from "@web/views/view";
import { EntryGrid } from "@kpi_tracking/screens/entry_grid/entry_grid";

defineMailModels();

const CELL = { state: "empty", value: null, note: "", due: false };
const LAYOUT = { frequency: "month", calendar_id: 1 };

async function titleOf(columns, context = {}) {
    const rows = [1, 2].map((id) => ({
        report_id: id,
        contributor_id: false,
        name: context.entry_report_ids ? "Visits" : `Visits ${id}`,
        scope: "",
        unit: "number",
        cells: columns.map(() => ({ ...CELL })),
    }));
    onRpc("kpi.report", "get_entry_grid", () => ({
        layouts: [{ ...LAYOUT, label: "Monthly", count: 2 }],
        layout: LAYOUT,
        columns: columns.map((label) => ({ label, start: label })),
        rows,
        row_count: rows.length,
        has_others: false,
    }));
    const config = { ...getDefaultConfig(), setDisplayName: (name) => expect.step(name) };
    const env = await makeMockEnv({ config });
    await mountWithCleanup(EntryGrid, { env, props: { action: { context } } });
}

test.tags("desktop");
test("the title of the grid names its periods", async () => {
    await titleOf(["Oct 2026", "Nov 2026"]);
    expect.verifySteps(["Values, Oct 2026 to Nov 2026"]);
});

test("the title of the grid names its only period", async () => {
    await titleOf(["Nov 2026"]);
    expect.verifySteps(["Values of Nov 2026"]);
});

test("the title of the grid names the KPI that it was opened for", async () => {
    await titleOf(["Oct 2026", "Nov 2026"], { entry_report_ids: [1, 2] });
    expect.verifySteps(["Values of Visits"]);
});
