import { expect, test } from "@odoo/hoot";
import { click, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { makeMockEnv, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    fromAddress,
    toAddress,
    toFile,
    USUAL_OPTIONS,
} from "@kpi_tracking/screens/period_report/period_options";
import {
    groupTables,
    RowScale,
    sharedNote,
    shortLabels,
    toneOfChange,
} from "@kpi_tracking/screens/period_report/period_rows";
import { PeriodTable } from "@kpi_tracking/screens/period_report/period_table";

defineMailModels();

const FIGURES = [
    { key: "actual", label: "Value", is_percent: false },
    { key: "target", label: "Target", is_percent: false },
    { key: "ytd", label: "Year to Date", is_percent: false },
];
const NUMBER = { kind: "number", decimals: 0 };
const cell = (status, texts = {}, numbers = {}) => ({ status, texts, numbers });
const column = (start, label, more = {}) => ({
    ...{ start, label, is_running: false, previous_label: "" },
    ...more,
});
const makeRow = (latest = {}, cells = []) => ({
    cells,
    latest: {
        ...{ name: "Won Revenue", unit: NUMBER, direction: "higher", trend: [] },
        ...{ target: null, low: null, high: null, before: null, after: null, note: "" },
        ...latest,
    },
});
const COLUMNS = [
    column("2026-01-01", "Jan 2026"),
    column("2026-02-01", "Feb 2026", { is_running: true, previous_label: "Jan 2026" }),
];
const ROW = {
    id: 7,
    name: "Won Revenue – Nordwind",
    unit: "€",
    note: "Restated: Jan 2026",
    figures: ["actual", "target", "ytd"],
    ...makeRow(
        {
            target: 90_000,
            before: 82_000,
            after: 99_000,
            trend: [
                { label: "Jan 2026", value: 82_000, target: 100_000 },
                { label: "Feb 2026", value: 99_400, target: 100_000 },
            ],
        },
        [
            cell("off_target", { actual: "82,000", target: "100,000" }, { actual: 82_000 }),
            cell("on_target", { actual: "99,400", ytd: "181,400" }, { actual: 99_400 }),
        ],
    ),
};
const GAP = {
    id: 8,
    name: "Win Rate – Nordwind",
    unit: "%",
    note: "",
    figures: ["actual"],
    ...makeRow({ name: "Win Rate", unit: { kind: "percent", decimals: 1 } }, [
        cell("no_data"),
        cell("no_target", { actual: "43.9" }, { actual: 43.9 }),
    ]),
};
const TABLE = { columns: COLUMNS, sections: [{ title: "Sales", rows: [ROW, GAP] }] };

const mountTable = (props = {}) =>
    mountWithCleanup(PeriodTable, {
        props: {
            figures: FIGURES,
            grain: "month",
            isOfCompany: true,
            onCell: () => {},
            onKpi: () => {},
            table: TABLE,
            ...props,
        },
    });

test("an address holds what differs from the usual, and gives it back", () => {
    const chosen = {
        ...USUAL_OPTIONS,
        department_ids: [3, 14],
        figures: ["ytd"],
        grain: "week",
        has_running: false,
        period_count: 12,
        scope_type: "team",
    };
    const address = JSON.parse(JSON.stringify(toAddress(chosen)));
    expect(address).toEqual({
        departments: "3,14",
        figures: "ytd",
        grain: "week",
        last: "12",
        running: "false",
        scope: "team",
    });
    expect({ ...USUAL_OPTIONS, ...fromAddress(address) }).toEqual(chosen);
    expect(fromAddress({ action: "kpi-by-period" })).toEqual({});
});

test("files and emails have figures, also where the screen has none", () => {
    expect(toFile(USUAL_OPTIONS).figures).toEqual(["target", "variance_percent"]);
    expect(toFile({ ...USUAL_OPTIONS, figures: ["ytd"] }).figures).toEqual(["ytd"]);
});

test("one head stands above all sections with the same periods", () => {
    const others = [column("2026-01-04", "Jan 4, 2026 – Jan 31, 2026")];
    const tables = groupTables([
        { title: "Sales", columns: COLUMNS, rows: [] },
        { title: "Retail", columns: others, rows: [] },
        { title: "Finance", columns: [...COLUMNS], rows: [] },
    ]);
    const titles = tables.map(({ sections }) => sections.map(({ title }) => title));
    expect(titles).toEqual([["Sales", "Finance"], ["Retail"]]);
});

test("periods of one year are named without it", () => {
    expect(shortLabels(COLUMNS)).toEqual(["Jan", "Feb"]);
    const two = [column("2025-12-01", "Dec 2025"), ...COLUMNS];
    expect(shortLabels(two)).toEqual(["Dec 2025", "Jan 2026", "Feb 2026"]);
    const range = [column("2026-01-01", "Jan 2026 – Mar 2026")];
    expect(shortLabels(range)).toEqual(["Jan 2026 – Mar 2026"]);
    expect(shortLabels([column("2026-01-01", "2026年1月")])).toEqual(["2026年1月"]);
});

test("a note of all rows is said once", () => {
    const row = (note, method = "") => ({ note, latest: { note: method } });
    expect(sharedNote([row("a"), row("a")])).toBe("a");
    expect(sharedNote([row("a", "b"), row("a", "b")])).toBe("a · b");
    expect(sharedNote([row("a"), row("")])).toBe("");
    expect(sharedNote([row("a")])).toBe("");
    expect(sharedNote([])).toBe("");
});

test("the numbers of a row have one scale, that of the largest", () => {
    const cells = [781_634, 9_349, 0].map((actual) => cell("no_target", {}, { actual }));
    const scale = new RowScale(makeRow({}, cells));
    expect(scale.label).toBe("k");
    expect([781_634, 9_349, 0].map((value) => scale.write(value))).toEqual(["782", "9.35", "0"]);
    const small = new RowScale(makeRow({ target: 44.13 }, []));
    expect(small.label).toBe("");
    expect(small.write(44.13)).toBe("44");
    expect(small.writeTarget({ target: 44.13, low: null, high: null }, true)).toBe("44.1");
    expect(small.writeTarget({ target: null, low: 4, high: 7 }, false)).toBe("4 – 7");
    expect(small.writeTarget({ target: null, low: null, high: 7 }, false)).toBe("≤ 7");
    expect(small.writeTarget({ target: null, low: null, high: null }, false)).toBe("");
});

test("a change is a percentage, points, or the two numbers where there was almost nothing", async () => {
    await makeMockEnv(); // texts of a language
    const scale = new RowScale(makeRow());
    const percent = new RowScale(makeRow({ unit: { kind: "percent", decimals: 1 } }));
    expect(scale.writeChange({ before: 586, after: 729 })).toBe("+24%");
    expect(scale.writeChange({ before: 2, after: 112 })).toBe("from 2 to 112");
    expect(percent.writeChange({ before: 33.1, after: 43.9 })).toBe("+10.8 points");
    expect(percent.writeChange({ before: 0.1, after: 43.9 })).toBe("+43.8 points");
    expect(scale.writeChange({ before: null, after: 112 })).toBe("");
});

test("a change is good or bad as the KPI is", () => {
    const change = { before: 2, after: 3 };
    expect(toneOfChange({ ...change, direction: "higher" })).toBe("good");
    expect(toneOfChange({ ...change, direction: "lower" })).toBe("bad");
    expect(toneOfChange({ ...change, direction: "range" })).toBe("");
    expect(toneOfChange({ before: 2, after: 2, direction: "higher" })).toBe("");
    expect(toneOfChange({ before: null, after: 2, direction: "higher" })).toBe("");
});

test("a KPI is one row: trend, periods, and of the last one target, status and change", async () => {
    const clicks = [];
    await mountTable({
        onCell: (row, { start }) => clicks.push([row.id, start]),
        onKpi: (row) => clicks.push(row.id),
    });
    expect(queryAllTexts("thead th")).toEqual([
        ...["KPI", "12 Months", "Jan", "Feb So Far"],
        ...["Target to Date", "Status", "vs Jan", "Year to Date"],
    ]);
    expect("thead").toHaveCount(1);
    expect(".o_kpi_period_section").toHaveText("Sales");
    expect(queryAllTexts("tbody a")).toEqual(["Won Revenue", "Win Rate"]);
    expect(queryAllTexts(".o_kpi_period_unit")).toEqual(["k", "%"]);
    expect(queryAllTexts(".o_kpi_period_cell")).toEqual(["82", "99.4", "43.9"]);
    expect(queryAllTexts(".o_kpi_period_target")).toEqual(["90", "–"]);
    expect(".o_kpi_period_target:last").toHaveAttribute("title", "No target");
    expect(queryAllTexts("td.o_kpi_period_status")).toEqual(["On track so far", ""]);
    expect(queryAllTexts(".o_kpi_period_change")).toEqual(["+21%", ""]);
    expect(".o_kpi_period_change.o_kpi_period_good").toHaveCount(1);
    expect("td .o_kpi_sparkline").toHaveCount(1);
    expect(queryAllTexts("tbody tr:eq(1) td:last")).toEqual(["181,400"]);
    const { tooltip } = queryOne(".o_kpi_period_cell:first").dataset;
    expect(tooltip).toBe("Jan 2026: 82,000 € · Off track");
    await click("td button");
    await click("tbody a");
    expect(clicks).toEqual([[7, "2026-01-01"], 7]);
});

test("where companies differ each row names its own", async () => {
    await mountTable({ isOfCompany: false });
    expect(queryAllTexts("tbody a")).toEqual(["Won Revenue – Nordwind", "Win Rate – Nordwind"]);
});

test("a note is an icon where it differs, and a line where all rows have it", async () => {
    await mountTable();
    expect(".o_kpi_period_note").toHaveCount(1);
    expect(".o_kpi_period_note").toHaveAttribute("aria-label", "Restated: Jan 2026");
    expect(".o_kpi_period_hint").toHaveCount(0);
});

test("a note of all rows is below the table", async () => {
    const rows = [ROW, { ...GAP, note: ROW.note }];
    await mountTable({ table: { columns: COLUMNS, sections: [{ title: "", rows }] } });
    expect(".o_kpi_period_note").toHaveCount(0);
    expect(".o_kpi_period_hint").toHaveText("Restated: Jan 2026");
    expect(".o_kpi_period_section").toHaveCount(0);
});

test("figures of each period are lines below the values", async () => {
    await mountTable({ isDetailed: true });
    expect(queryAllTexts(".o_kpi_period_other .o_kpi_period_name")).toEqual([
        "Target",
        "Year to Date",
    ]);
    expect(queryAllTexts("thead th").at(-1)).toBe("vs Jan");
});

test("figures have the scale of their row, percentages and words none", async () => {
    const figures = [
        ...FIGURES,
        { key: "variance", label: "Variance", is_percent: false },
        { key: "achievement", label: "Achievement", is_percent: true },
        { key: "expected_status", label: "Forecast Status", is_percent: false },
    ];
    const texts = { actual: "99,400", ytd: "181,400", variance: "−600", achievement: "99.4%" };
    const numbers = { actual: 99_400, ytd: 181_400, variance: -600, achievement: 99.4 };
    const latest = cell("at_risk", { ...texts, expected_status: "At risk" }, numbers);
    const row = { ...ROW, cells: [ROW.cells[0], latest] };
    const table = { columns: COLUMNS, sections: [{ title: "", rows: [row] }] };
    await mountTable({ figures, table });
    const cells = queryAllTexts("tbody td").slice(-4);
    expect(cells).toEqual(["181", "-0.6", "99.4%", "At risk"]);
    expect("tbody td:eq(-4)").toHaveAttribute("title", "181,400");
});
