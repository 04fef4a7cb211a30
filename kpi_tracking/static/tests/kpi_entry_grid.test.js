import { beforeEach, expect, globals, test } from "@odoo/hoot";
import { press, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, makeMockEnv, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { isBlock, parseBlock } from "@kpi_tracking/screens/entry_grid/clipboard";
import { cellState } from "@kpi_tracking/screens/entry_grid/entry_cells";
import { EntryTable } from "@kpi_tracking/screens/entry_grid/entry_table";
import { EntryGridStore } from "@kpi_tracking/screens/entry_grid/entry_grid_store";
import { parseNumber } from "@kpi_tracking/eager/number_input/typed_number";

defineMailModels();

beforeEach(() => makeMockEnv()); // texts and numbers of a language

const empty = (values = {}) => ({ state: "empty", value: null, note: "", due: false, ...values });

function store(results = []) {
    const calls = [];
    const orm = {
        call: (...args) => {
            calls.push(args);
            return Promise.resolve(results);
        },
    };
    const grid = new EntryGridStore(orm);
    grid.columns = [{ start: "2026-10-01" }, { start: "2026-11-01" }];
    grid.rows = [1, 2].map((id) => ({
        report_id: id,
        contributor_id: false,
        cells: [empty(), empty()],
    }));
    return { calls, grid };
}

test("blocks are read as spreadsheets copy them", () => {
    const cases = [
        [
            "1\t2\r\n3\t4\r\n",
            [
                ["1", "2"],
                ["3", "4"],
            ],
        ],
        ["1\n\n3", [["1"], [""], ["3"]]],
        ["\t2", [["", "2"]]],
        ['"a ""b"" c"\t2', [['a "b" c', "2"]]],
        ['"two\nlines"\t1', [["two\nlines", "1"]]],
        [" 1 234,5 ", [["1 234,5"]]],
    ];
    for (const [text, rows] of cases) {
        expect(parseBlock(text)).toEqual(rows);
    }
    expect(isBlock("12,5\n")).toBe(false);
    expect(isBlock("1\t2")).toBe(true);
});

test("what lies outside of the grid is counted and reported", () => {
    const { grid } = store();
    grid.paste(1, 1, "1\t2\n3\t4");
    expect(grid.rows[1].cells[1].text).toBe("1");
    expect(grid.leftOver).toEqual(["2", "3", "4"]);
});

test("one request enters all cells; what is refused keeps its text", async () => {
    const { calls, grid } = store([
        { cell: empty({ state: "approved", value: 1 }) },
        { error: "No" },
    ]);
    grid.paste(0, 0, "1\t2");
    expect(await grid.save()).toBe(1);
    expect(calls.length).toBe(1);
    expect(calls[0][2][0].map((cell) => [cell.start, cell.text])).toEqual([
        ["2026-10-01", "1"],
        ["2026-11-01", "2"],
    ]);
    expect(grid.rows[0].cells[0].state).toBe("approved");
    expect(grid.rows[0].cells[1]).toMatchObject({ text: "2", error: "No" });
    expect(grid.changed.length).toBe(1);
});

test("what is no value is neither counted nor sent", async () => {
    const { calls, grid } = store([{ cell: empty({ state: "approved", value: 1 }) }]);
    grid.paste(0, 0, "1\tx");
    expect(grid.enterable.length).toBe(1);
    expect(grid.errorCount).toBe(1);
    await grid.save();
    expect(calls[0][2][0].map((cell) => cell.text)).toEqual(["1"]);
    expect(grid.rows[0].cells[1].text).toBe("x");
});

test("a locked cell keeps what is typed and is not sent", async () => {
    const { calls, grid } = store();
    grid.rows[0].cells[0].locked = "Oct 2026 is locked";
    grid.paste(0, 0, "1\n");
    expect(grid.rows[0].cells[0].error).toBe("Oct 2026 is locked");
    await grid.save();
    expect(calls.length).toBe(0);
});

test("numbers are read as the server reads them", async () => {
    const response = await globals.fetch("/kpi_tracking/static/tests/typed_number_cases.json");
    for (const { comma, point, text } of await response.json()) {
        expect(parseNumber(text, ".")).toBe(point, { message: `“${text}” with a point` });
        expect(parseNumber(text, ",")).toBe(comma, { message: `“${text}” with a comma` });
    }
});

test("what is no value is marked while it is typed", () => {
    const { grid } = store();
    const [number, answer] = grid.rows;
    answer.unit = "boolean";
    for (const [row, text, mistake] of [
        [number, "12,5.3", "“12,5.3” is not a number. Use 12.5 or 12,5."],
        [number, "12,5%", undefined],
        [number, "-", undefined], // not typed to its end
        [number, "", undefined],
        [answer, "maybe", "“maybe” is not a yes/no value. Enter 1 or 0."],
        [answer, "YES", undefined],
        [answer, "0", undefined],
    ]) {
        grid.type(row.cells[0], text, row);
        expect(row.cells[0].error).toBe(mistake);
    }
});

test("a value far outside the usual is entered once somebody is sure", async () => {
    const { calls, grid } = store([{ unusual: "From 84 to 8,300: 12× the usual change." }]);
    grid.type(grid.rows[0].cells[0], "8300", grid.rows[0]);
    expect(await grid.save()).toBe(0);
    expect(calls[0][2].slice(1)).toEqual([false, true]);
    expect(calls[0][2][0][0].is_sure).toBe(false);
    const [{ cell }] = grid.unusual;
    expect(cell.error).toBe(undefined);
    cell.isSure = true;
    await grid.save();
    expect(calls[1][2][0][0].is_sure).toBe(true);
    grid.type(cell, "830", grid.rows[0]);
    expect(grid.unusual).toEqual([]);
    expect(cell.isSure).toBe(undefined);
});

test("every state has a word and an icon", () => {
    for (const values of [
        {},
        { due: "2026-11-06", late: true },
        { state: "draft" },
        { state: "submitted" },
        { state: "approved", late: true },
        { state: "rejected" },
        { state: "known" },
        { locked: "x" },
        { text: "1" },
        { text: "1", error: "x" },
        { text: "1", unusual: "x" },
    ]) {
        const { icon, word } = cellState(empty(values));
        expect(Boolean(icon && String(word))).toBe(true);
    }
    const approved = { state: "approved", late: true };
    expect(String(cellState(empty(approved)).word)).toBe("Entered, late");
    expect(String(cellState(empty({ ...approved, is_decided: true })).word)).toBe("Approved, late");
});

/** Focused cell as row and column, after a key. */
async function cellAfter(key) {
    await press(key);
    await animationFrame();
    const inputs = [...document.querySelectorAll(".o_kpi_entry_cell input")];
    return inputs.indexOf(document.activeElement);
}

async function mountTable(rows) {
    const { grid } = store();
    grid.columns = grid.columns.map((column) => ({ ...column, label: column.start }));
    grid.rows = grid.rows.slice(0, rows).map((row) => ({ ...row, name: "Visits", unit: {} }));
    await mountWithCleanup(EntryTable, { props: { store: grid, onActivate: () => {} } });
    await contains(".o_kpi_entry_cell input:first").focus();
    return grid;
}

test("tab goes from cell to cell, also after a number was typed, and out at the end", async () => {
    const grid = await mountTable(2);
    await contains(".o_kpi_entry_cell input:first").edit("12", { confirm: false });
    expect(await cellAfter("Tab")).toBe(1);
    expect(await cellAfter("Tab")).toBe(2);
    expect(await cellAfter(["shift", "Tab"])).toBe(1);
    expect(grid.rows[0].cells[0].text).toBe("12");
    expect(await cellAfter("ArrowDown")).toBe(3);
    await press("Tab");
    await animationFrame();
    expect(document.activeElement).not.toBe(queryFirst(".o_kpi_entry_cell input:eq(2)"));
});

test("in a single row enter goes on", async () => {
    await mountTable(1);
    expect(await cellAfter("Enter")).toBe(1);
});
