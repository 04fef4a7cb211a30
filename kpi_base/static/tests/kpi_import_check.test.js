import { expect, test } from "@odoo/hoot";
import { animationFrame, runAllTimers } from "@odoo/hoot-mock";
import {
    MockServer,
    contains,
    defineModels,
    fields,
    makeMockServer,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

const PAGE = {
    columns: ["code", "value"],
    accepted: [{ row: 2, record: "Calls (calls)", cells: ["calls", "1"] }],
    refused_columns: ["code", "value"],
    refused: [
        { row: 3, cells: ["calls", "2,5"], wrong: [1], reason: "“2,5” is not a number." },
        { row: 9, cells: ["none", "3"], wrong: [], reason: "KPI “none” not found." },
    ],
    unknown: [
        {
            key: "department",
            label: "Department",
            text: "Suport",
            rows: 3,
            nearest: [{ text: "Operations / Support", label: "Operations / Support" }],
        },
    ],
    combined: {
        titles: ["Value"],
        count: 3,
        records: [
            { record: "Fuel (fuel) · Jan 2026", rows: "2 (2, 3)", cells: ["2,121"] },
            { record: "Fuel (fuel) · Feb 2026", rows: "5 (4, 5, 6, 7…)", cells: ["33"] },
        ],
    },
    fixes: [
        { key: "0", label: "Read “value” with decimal comma", detail: "1 cell" },
        { key: "1", label: "Turn on “Create Missing KPIs”", detail: "1 row" },
    ],
};

class KpiImport extends models.Model {
    _name = "kpi.import";

    accepted_count = fields.Integer();
    check_page = fields.Json();
    is_check = fields.Boolean();
    refused_count = fields.Integer();
    state = fields.Char();

    _records = [
        {
            id: 1,
            accepted_count: 3,
            check_page: PAGE,
            is_check: true,
            refused_count: 70,
            state: "checked",
        },
        { id: 2, accepted_count: 1, check_page: PAGE, refused_count: 1, state: "done" },
        { id: 3, check_page: PAGE, is_check: true, refused_count: 2, state: "failed" },
    ];
}

defineMailModels();
defineModels([KpiImport]);

const mount = (resId) =>
    mountView({
        type: "form",
        resModel: "kpi.import",
        resId,
        arch: `<form><field name="check_page" widget="kpi_import_check"/></form>`,
    });

test("values from several rows have the number of their rows", async () => {
    await mount(1);
    expect(".o_kpi_import_check_combined h2").toHaveText("3 values from several rows");
    expect(".o_kpi_import_check_combined tbody tr").toHaveCount(2);
    expect(".o_kpi_import_check_combined tbody tr:first").toHaveText(
        /Fuel \(fuel\) · Jan 2026\s+2 \(2, 3\)\s+2,121/,
    );
    expect(".o_kpi_import_check_combined p").toHaveText("First 2 of 3 values.");
});

test("rows with errors have their wrong cells in red, and a reason", async () => {
    await mount(1);
    expect(".o_kpi_import_check_refused h2").toHaveText("70 rows with errors");
    expect(".o_kpi_import_check_refused tbody tr").toHaveCount(2);
    expect(".o_kpi_import_check_wrong").toHaveCount(1);
    expect(".o_kpi_import_check_wrong").toHaveText("2,5");
    expect(".o_kpi_import_check_reason:last").toHaveText("KPI “none” not found.");
    expect(".o_kpi_import_check_refused p").toHaveText(/^First 2 of 70/);
});

test("valid rows say where they go, and all of them are shown on demand", async () => {
    onRpc("kpi.import", "get_accepted_rows", ({ args }) => {
        expect.step(args);
        return [4, 5].map((row) => ({ row, record: "New: Mails", cells: ["mails", ""] }));
    });
    await mount(1);
    expect(".o_kpi_import_check_accepted h2").toHaveText("3 valid rows");
    expect(".o_kpi_import_check_accepted .o_kpi_import_check_record").toHaveText("Calls (calls)");
    await contains(".o_kpi_import_check_accepted button").click();
    await animationFrame();
    expect.verifySteps([[[1], 2]]);
    expect(".o_kpi_import_check_accepted tbody tr").toHaveCount(3);
    expect(".o_kpi_import_check_accepted button").toHaveCount(0);
});

test("a fix is applied and the rows are read again", async () => {
    onRpc("kpi.import", "action_fix", ({ args }) => {
        expect.step(args);
        MockServer.env["kpi.import"].write([1], {
            check_page: { ...PAGE, fixes: [], refused: [PAGE.refused[1]] },
            refused_count: 1,
        });
        return true;
    });
    await mount(1);
    expect(".o_kpi_import_check_fix").toHaveCount(2);
    await contains(".o_kpi_import_check_fix button:first").click();
    await animationFrame();
    expect.verifySteps([[[1], "0"]]);
    expect(".o_kpi_import_check_fix").toHaveCount(0);
    expect(".o_kpi_import_check_refused h2").toHaveText("1 row with errors");
});

test("after an import the rows are those that were imported", async () => {
    await mount(2);
    expect(".o_kpi_import_check_accepted h2").toHaveText("1 imported row");
    expect(".o_kpi_import_check_refused p").toHaveCount(0);
});

test("nothing is called valid where the import failed", async () => {
    await mount(3);
    expect(".o_kpi_import_check_refused").toHaveCount(1);
    expect(".o_kpi_import_check_accepted").toHaveCount(0);
});

test("a name that is not found is listed once, with the nearest ones", async () => {
    onRpc("kpi.import", "action_map", ({ args }) => {
        expect.step(args);
        return true;
    });
    await mount(1);
    expect(".o_kpi_import_check_name").toHaveCount(1);
    expect(".o_kpi_import_check_unknown strong").toHaveText("Suport");
    expect(".o_kpi_import_check_unknown .text-muted").toHaveText("3 rows");
    await contains(".o_kpi_import_check_name button").click();
    await animationFrame();
    expect.verifySteps([[[1], "department", "Suport", "Operations / Support"]]);
});

test("a name that was mapped is read as it is again", async () => {
    const mapped = { key: "team", label: "Team", text: "Ops", other: "Operations" };
    onRpc("kpi.import", "action_unmap", ({ args }) => {
        expect.step(args);
        MockServer.env["kpi.import"].write([1], { check_page: { ...PAGE, mapped: [] } });
        return true;
    });
    await makeMockServer();
    MockServer.env["kpi.import"].write([1], { check_page: { ...PAGE, mapped: [mapped] } });
    await mount(1);
    expect(".o_kpi_import_check_mapped span").toHaveText("Team: “Ops” is read as “Operations”");
    await contains(".o_kpi_import_check_mapped button").click();
    await animationFrame();
    expect.verifySteps([[[1], "team", "Ops"]]);
    expect(".o_kpi_import_check_mapped").toHaveCount(0);
});

test("a name is mapped to any other one that is found while typing", async () => {
    onRpc("kpi.import", "search_names", ({ args }) =>
        args[2] === "ann" ? [{ text: "anna@example.com", label: "Anna (anna@example.com)" }] : [],
    );
    onRpc("kpi.import", "action_map", ({ args }) => {
        expect.step(args[3]);
        return true;
    });
    await mount(1);
    await contains(".o_kpi_import_check_unknown input").edit("ann", { confirm: false });
    await runAllTimers();
    await animationFrame();
    await contains(".o-autocomplete--dropdown-item:contains(Anna) a").click();
    await animationFrame();
    expect.verifySteps(["anna@example.com"]);
});
