import { describe, expect, test } from "@odoo/hoot";
import { findSpoken } from "@kpi_tracking_phone/app/enter/spoken_entry";
import { readSpoken } from "@kpi_tracking_phone/app/enter/spoken_number";
import { SPOKEN } from "./spoken_cases";

const value = (text, lang) => readSpoken(text, lang).value;

for (const [lang, cases] of Object.entries(SPOKEN)) {
    test(`numbers in words are read, behind the name of a KPI, too: ${lang}`, () => {
        for (const [words, number] of cases) {
            expect(readSpoken(`Teamscore ${words}`, lang)).toEqual({
                isPercent: false,
                rest: "teamscore",
                value: number,
            });
        }
    });
}

test("numbers are read as recognisers write them", () => {
    for (const [text, lang, number] of [
        ["8.4", "en", 8.4],
        ["12,500", "en", 12500],
        ["12.500", "de", 12500],
        ["3,5", "de", 3.5],
        ["1.234,5", "de", 1234.5],
        ["12 500,5", "fr", 12500.5],
        ["1,2 Mio", "de", 1200000],
        ["629k", "en", 629000],
        ["−4", "en", -4],
        ["minus five", "en", -5],
        ["two and a half million", "en", 2500000],
        ["zweieinhalb Millionen", "de_CH", 2500000],
        ["deux millions et demi", "fr", 2500000],
        ["mil millones", "es", 1000000000],
        ["one two three", "en", 123],
    ]) {
        expect(value(text, lang)).toBe(number);
    }
});

test("percent is noticed, and what is no number or two of them is none", () => {
    expect(readSpoken("Krankenstand drei Komma f\u00fcnf Prozent", "de")).toEqual({
        isPercent: true,
        rest: "krankenstand",
        value: 3.5,
    });
    expect(readSpoken("satisfaction trois virgule cinq pour cent", "fr").isPercent).toBe(true);
    for (const [text, lang] of [
        ["win rate", "en"],
        ["", "en"],
        ["3 4", "en"],
        ["five minus five", "en"],
        ["one point two point three", "en"],
    ]) {
        expect(value(text, lang)).toBe(null);
    }
});

test("whatever is said, nothing is read that was not given", () => {
    const words = ["hundred", "five", "point", "and", "twenty", "7", "million", "x", "%", "minus"];
    let seed = 1;
    const draw = () => (seed = (seed * 16807) % 2147483647) % words.length;
    for (let turn = 0; turn < 2000; turn++) {
        const text = Array.from({ length: 1 + (draw() % 6) }, () => words[draw()]).join(" ");
        const read = value(text, "en");
        expect(read === null || Number.isFinite(read)).toBe(true);
    }
});

describe("entry", () => {
    const cells = ["Customer Satisfaction", "Sick Leave", "Sick Leave, Sales"].map((name) => ({
        key: name,
        name,
    }));
    const names = (text) => findSpoken(text, "en", cells).cells.map(({ name }) => name);

    test("what is said before the number names the KPI", () => {
        const found = findSpoken("Customer satisfaction eight point four", "en", cells);
        expect(found.value).toBe(8.4);
        expect(found.cells).toEqual([cells[0]]);
        expect(names("sick leave 3")).toEqual(["Sick Leave"]);
        expect(names("sick leave sales 3")).toEqual(["Sick Leave, Sales"]);
        expect(names("customer satisfactions 3")).toEqual(["Customer Satisfaction"]);
    });

    test("what fits several, or none, is asked or said", () => {
        expect(names("leave 3")).toEqual(["Sick Leave", "Sick Leave, Sales"]);
        expect(names("parcels 3")).toEqual([]);
    });
});
