import { expect, test } from "@odoo/hoot";
import { click, queryAllTexts, queryText } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { Component, useState, xml } from "@odoo/owl";
import { makeMockEnv, mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Tile } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile";
import { tiles } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile_registry";
import { tableOf } from "@kpi_tracking_dashboard/screens/dashboard/tile_table";
import { card, courses, kpi, MONTHS, parts, tile, UNIT } from "./dashboard_answer";

defineMailModels();

const HTML = '<img src=x onerror="alert(1)"> العربية 日本語'.repeat(4);

async function show(shown, { isEditing = false } = {}) {
    const calls = [];
    const actions = Object.fromEntries(
        ["cross", "drill", "follow", "move", "widen", "heighten"].map((name) => [
            name,
            (each, ...rest) => calls.push([name, ...rest]),
        ]),
    );
    const props = { actions, canEdit: true, isEditing, place: "place 1 of 1", tile: shown };
    await mountWithCleanup(Tile, { props });
    await animationFrame();
    return calls;
}

test("a card says its value, status and comparisons; all about them is a tooltip", async () => {
    await show(card());
    expect(".o_kpi_value_large").toHaveText("82");
    expect(".o_kpi_status").toHaveText("At risk");
    expect(".o_kpi_lines_distance bdi").toHaveText("−18%");
    expect(".o_kpi_lines_before bdi").toHaveText("+100% vs last year");
    expect(".o_kpi_lines_before").toHaveAttribute(
        "data-tooltip",
        /^−18% vs target · \+100% vs last year · Oct 2026 · entered by A\. Roy$/,
    );
});

const ODD = [
    { why: "nothing before", values: { previous: null }, text: "new" },
    { why: "before was zero", values: { previous: 0 }, text: "+82" },
    { why: "a year before was zero", values: { year_before: 0 }, text: "+82" },
    { why: "huge", values: { value: 1e15 }, text: "1,000\u202fT" },
    { why: "tiny", values: { value: 1e-9 }, text: "0" },
];

test("odd numbers are told without infinities", async () => {
    for (const { values } of ODD) {
        const comparisons = "year_before" in values ? ["year"] : ["previous", "year"];
        await show(card("trend", { comparisons }, values));
    }
    const said = queryAllTexts(".o_kpi_tile");
    ODD.forEach(({ text, why }, at) => {
        expect(said[at].replace(/\s/g, " ")).toInclude(text.replace(/\s/g, " "), { message: why });
        expect(said[at]).not.toMatch(/∞|NaN|undefined|null|Infinity/, { message: why });
    });
});

test("a card without value keeps its lines, says why and offers the way to one", async () => {
    const way = { text: "Enter Value", action: "x" };
    const missing = card("trend", {}, { has_value: false, value: null, status: "no_data" });
    const calls = await show({ ...missing, state: "no_data", message: "No value yet.", way });
    expect(".o_kpi_lines > *").toHaveCount(4);
    expect(".o_kpi_value_large").toHaveText("–");
    expect(".o_kpi_status").toHaveText("No data");
    expect(".o_kpi_lines_reason").toHaveText("No value yet.");
    expect(".o_kpi_lines_before bdi").toHaveText("");
    await click(".o_kpi_lines button");
    expect(calls).toEqual([["follow"]]);
});

test("a number that has not changed says so instead of ±0; its year is that of the card", async () => {
    await show(card("trend", { comparisons: ["previous"] }, { previous: 82 }));
    expect(".o_kpi_lines_before bdi").toHaveText("same as Sep");
    expect(".o_kpi_lines_distance").toHaveCount(0);
});

test("a number alone has an empty line instead of its trend", async () => {
    await show(card("metric"));
    expect(".o_kpi_lines_trend").toHaveText("");
    expect(".o_kpi_lines > *").toHaveCount(4);
});

test("words with a title alone head the tiles below them", async () => {
    await show(tile("text", { html: "" }));
    await show(tile("text", { html: "Read me" }));
    expect(".o_kpi_tile_heading").toHaveCount(1);
    expect(".o_kpi_tile_heading h2").toHaveText("A text");
    expect(".o_kpi_tile_heading .o_kpi_tile_body").not.toBeVisible();
});

test("what has no data offers the way to some", async () => {
    const way = { text: "Create Record", model: "sale.order", is_new: true };
    const message = "There are no records to count yet.";
    const calls = await show(tile("line", { state: "no_data", message, way }));
    expect(".o_kpi_tile_said").toHaveText(/There are no records to count yet\./);
    await click(".o_kpi_tile_way");
    expect(calls).toEqual([["follow"]]);
});

test("HTML in names is text", async () => {
    await show({
        ...courses("table", { series: [{ name: HTML, values: [1, 2, 3] }] }),
        title: HTML,
    });
    expect("img").toHaveCount(0);
    expect(queryText(".o_kpi_tile_title")).toInclude("<img");
    expect(queryText("tbody th")).toInclude("<img");
});

test("a kind that no addon draws says so", async () => {
    await show(tile("clock"));
    expect(".o_kpi_tile_said").toHaveText("This tile type is not installed.");
});

test("what draws tiles is a component", () => {
    patchWithCleanup(odoo, { debug: "1" }); // registries look at their values then only
    expect(() => tiles.add("broken", { component: "Broken" })).toThrow();
});

test("the menu of a tile without a title tells its place", async () => {
    await show({ ...tile("text", { html: "Read me" }), title: "" });
    expect(".o_kpi_tile_menu").toHaveAttribute("aria-label", "Menu of place 1 of 1");
});

const STATES = [
    ["unavailable", "", "Not available"],
    ["no_data", "", "No data"],
    ["error", "Division by zero", "Division by zero"],
];

test("a tile that cannot be shown says why and offers nothing to open", async () => {
    for (const [state, message, text] of STATES) {
        await show(tile("gauge", { state, message, title: "Not available", report_ids: [] }));
        expect(".o_kpi_tile:last .o_kpi_tile_said, .o_kpi_tile_said").toHaveCount(
            STATES.findIndex(([each]) => each === state) + 1,
        );
        expect(queryAllTexts(".o_kpi_tile_said").at(-1)).toBe(text);
    }
    expect("h2 button").toHaveCount(0);
});

test("an error while drawing stays inside its tile", async () => {
    await show(tile("card", { kpi: kpi(), card: { style: "comparison", rows: null } }));
    expect("[role=alert]").toHaveCount(1);
    expect(".o_kpi_tile_title").toHaveText("A card");
});

test("late numbers say so in words", async () => {
    await show({ ...card(), is_stale: true, as_of: "2026-10-31T12:00:00Z" });
    expect(".o_kpi_tile_stale").toHaveAttribute("aria-label", /^Stale: last updated .*2026/);
});

test("a tile that is narrowed to a part says so", async () => {
    await show({ ...courses("line"), is_crossed: true });
    expect(".o_kpi_tile_crossed").toHaveAttribute("aria-label", /^Filtered/);
});

test("a gauge shows the KPI on its scale; without one, its number", async () => {
    const gauge = {
        style: "circular",
        animated: false,
        low: 0,
        high: 120,
        zones: [],
        value: 82,
        target: 100,
        whole: null,
        baseline: null,
        previous: 79,
        who: "",
    };
    await show(tile("gauge", { kpi: kpi(), gauge }));
    expect("[role=meter]").toHaveAttribute("aria-valuenow", "82");
    await show(tile("gauge", { kpi: kpi(), gauge: null }));
    expect(".o_kpi_value_large").toHaveText("82");
});

test("scopes are ranked with their status, alerts are counted", async () => {
    const rows = [
        kpi({ report_id: 1, label: "North", value: 90, status: "on_target" }),
        kpi({ report_id: 2, label: "South", value: -3, status: "off_target" }),
        kpi({ report_id: 3, label: "West", value: null, has_value: false, status: "no_data" }),
    ];
    const calls = await show(card("comparison", { is_ranked: true, rows }));
    expect(queryAllTexts(".o_kpi_card_ranking .o_kpi_value")).toEqual(["90", "-3", "–"]);
    const icon = ".o_kpi_card_ranking [role=img]:last title";
    expect(icon).toHaveProperty("textContent", "No data");
    expect(".o_kpi_card_bar").toHaveCount(3);
    await click(".o_kpi_card_ranking button");
    expect(calls).toEqual([["drill", { report_id: 1 }]]);
    await show(card("comparison", { is_ranked: false, rows })); // several KPIs are no ranks
    expect(".o_kpi_card_unranked li").toHaveCount(3);
    expect(".o_kpi_card_unranked .o_kpi_card_bar").toHaveCount(0);
    const items = [{ kind: "overdue", text: "Visitors, October", report_id: 9, date: null }];
    await show(card("alert", { items, count: 1 }));
    expect(".o_kpi_card_count").toHaveText("1 needs attention", { inline: true });
    await show(card("alert", { items: [], count: 0 }));
    expect(".o_kpi_tile_said").toHaveText("Nothing needs attention.");
});

test("every chart is told as a table too, the latest period first", async () => {
    const shown = courses("line");
    const calls = await show(shown);
    await click(".o_kpi_tile_menu");
    await animationFrame();
    await click(".o-dropdown-item:contains(Show as Table)");
    await animationFrame();
    expect(queryAllTexts("tbody th")).toEqual([...MONTHS].reverse());
    expect(queryAllTexts("tbody tr:first td")).toEqual(["82", "100"]);
    expect("tbody tr:first [role=img] title").toHaveProperty("textContent", "At risk");
    expect("tbody tr:eq(1) td:first").toHaveText("–");
    await click("tbody button");
    expect(calls).toEqual([["drill", { place: 2 }]]);
});

test("a chart that was shown as a table may become a card", async () => {
    class Parent extends Component {
        static components = { Tile };
        static props = {};
        static template = xml`
            <Tile actions="{}" canEdit="true" isEditing="false" place="''" tile="state.tile" />`;

        setup() {
            this.state = useState({ tile: courses("line") });
        }
    }
    const parent = await mountWithCleanup(Parent);
    await click(".o_kpi_tile_menu");
    await animationFrame();
    await click(".o-dropdown-item:contains(Show as Table)");
    await animationFrame();
    expect(".o_kpi_tile_table").toHaveCount(1);
    parent.state.tile = card();
    await animationFrame();
    expect(".o_kpi_tile_table").toHaveCount(0);
    expect(".o_kpi_lines").toHaveCount(1);
});

test("parts can be clicked to filter by them; the rest and totals cannot", async () => {
    const calls = await show(parts("doughnut"));
    expect(queryAllTexts(".o_kpi_parts_list li")).toHaveLength(3);
    expect(".o_kpi_parts_total").toHaveText("Total 100");
    expect(".o_kpi_parts_list button").toHaveCount(1);
    await click(".o_kpi_parts_list button");
    expect(calls[0][0]).toBe("cross");
    expect(calls[0][1].key).toBe("3");
    const rows = [{ name: "Loss", key: "1", value: -5, share: null, is_total: false }];
    await show(parts("pie", rows));
    expect(".o_kpi_tile_pie canvas").toHaveCount(0); // nothing less than nothing is drawn
});

test("a single part is no ring", async () => {
    const row = (name, value) => ({ name, key: name, value, share: value / 5, is_total: false });
    await show(parts("doughnut", [row("North", 5), row("South", 0)]));
    expect("canvas").toHaveCount(0);
    expect(".o_kpi_parts_list li").toHaveCount(3); // with the total
});

test("tables of every kind of tile have a cell for each column", () => {
    const points = [{ name: "A", x: 1, y: null }];
    const tiles = [
        courses("line"),
        courses("heatmap"),
        courses("table", { series: [] }),
        parts("funnel"),
        parts("waterfall", []),
        tile("scatter", { chart: { units: [UNIT, UNIT], points } }),
    ];
    for (const each of tiles) {
        const { columns, rows } = tableOf(each);
        expect(rows.every((row) => row.cells.length === columns.length)).toBe(true, {
            message: each.kind,
        });
    }
});

test("the target of a running sum is named as that of the full period", async () => {
    await makeMockEnv(); // numbers and texts of a language
    const targets = (isAdditive, isRunning) => {
        const line = courses("line");
        const [first] = line.chart.series;
        const count = line.chart.categories.length;
        const series = [{ ...first, targets: Array(count).fill(100), is_additive: isAdditive }];
        const shown = { ...line, chart: { ...line.chart, is_running: isRunning, series } };
        return tableOf(shown).rows.map(({ cells }) => cells.at(-1).text);
    };
    const [latest, ...others] = targets(true, true);
    expect(latest).toMatch(/100.* for the full period/);
    expect(others.some((text) => text.includes("full"))).toBe(false);
    expect(targets(true, false).some((text) => text.includes("full"))).toBe(false);
    expect(targets(false, true).some((text) => text.includes("full"))).toBe(false);
});

test("a tile that is held moves and changes its size by keys", async () => {
    const calls = await show(card(), { isEditing: true });
    const press = (key, shiftKey = false) =>
        document
            .querySelector(".o_kpi_tile_handle")
            .dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true }));
    press("ArrowRight");
    press("ArrowUp");
    press("ArrowRight", true);
    press("ArrowUp", true);
    press("x");
    expect(calls).toEqual([
        ["move", 1],
        ["move", -1],
        ["widen", 1],
        ["heighten", -1],
    ]);
});

test("notes are numbered in a list, with who wrote them", async () => {
    const notes = [{ id: 1, date: "2026-10-12", place: 2, text: "<b>Price</b> rise", who: "Una" }];
    await show({ ...courses("line"), notes });
    expect(".o_kpi_tile_notes").toHaveAttribute("aria-label", "1 note");
    await click(".o_kpi_tile_notes");
    await animationFrame();
    expect(".o_kpi_tile_note_list li").toHaveText("Oct 12, 2026 <b>Price</b> rise\nUna");
});
