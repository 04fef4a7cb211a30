import { afterEach, expect, globals, test } from "@odoo/hoot";
import { getTable, setTable } from "@kpi_base/eager/formatting/formatting";
import * as formatting from "@kpi_base/eager/formatting/formatting";

// Names of Python → names here, where they differ.
const NAMES = { full_day: "fullDay", month_name: "monthName", weekday_name: "weekdayName" };

const first = getTable();
afterEach(() => setTable(first));

async function readCases() {
    const response = await globals.fetch("/kpi_base/static/tests/formatting_cases.json");
    return response.json();
}

test("the browser writes what Python writes, in each language", async () => {
    const { cases, tables } = await readCases();
    expect(cases.length).toBeGreaterThan(59);
    for (const [code, table] of Object.entries(tables)) {
        setTable(table);
        const wrong = [];
        for (const [name, given, expected] of cases) {
            const found = formatting[NAMES[name] || name](...given);
            if (found !== expected[code]) {
                wrong.push([name, given, found, expected[code]]);
            }
        }
        expect(wrong).toEqual([], { message: code });
    }
});

test("without a table everything is written in American English", async () => {
    const { tables } = await readCases();
    setTable(undefined);
    expect(getTable()).toEqual(tables.en_US);
    expect(formatting.day("2026-11-06", "2026-12-24")).toBe("Nov 6");
    expect(formatting.percent(0.12)).toBe("12%");
});

test("a moment of the next days has its weekday", () => {
    expect(formatting.weekdayMoment({ year: 2026, month: 11, day: 6, hour: 14, minute: 5 })).toBe(
        "Fri, 2:05 PM",
    );
});

test("digits are grouped as the language does", () => {
    for (const [grouping, text] of [
        [[3, 0], "12,345,678"],
        [[3, 2, 0], "1,23,45,678"],
        [[3, 2, -1], "123,45,678"],
        [[3], "12345,678"],
        [[], "12345678"],
    ]) {
        setTable({ ...first, grouping, thousands: ",", decimal: "." });
        expect(formatting.number(12345678, 0)).toBe(text);
    }
});
