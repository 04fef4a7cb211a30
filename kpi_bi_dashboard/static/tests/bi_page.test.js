import { expect, manuallyDispatchProgrammaticEvent, test } from "@odoo/hoot";
import { queryAll, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, makeMockEnv, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { getDefaultConfig } from "@web/views/view";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { ChartSection } from "@kpi_bi_dashboard/screens/page/chart_section";
import { Page } from "@kpi_bi_dashboard/screens/page/page";
import { Section } from "@kpi_bi_dashboard/screens/page/section";
import { SegmentMapTile } from "@kpi_bi_dashboard/screens/segment_map/segment_map_tile";
import { TriangleTile } from "@kpi_bi_dashboard/screens/triangle/triangle_tile";

defineMailModels();

const PAGE = {
    titles: { pipeline_change: "What Changed" },
    company: "Nordwind",
    can_update: false,
    sections: [],
    choices: [],
    message: "",
};

function table(heads) {
    return { kind: "table", title: "", help: "", heads, rows: [heads.map((head) => `${head}!`)] };
}

const mountSection = (section) => mountWithCleanup(Section, { props: { open: () => {}, section } });

test("two days are chosen; the page compares them", async () => {
    const days = { since: "2026-02-28", until: "2026-03-10", last: "2026-03-10" };
    onRpc("kpi.bi.analysis", "get_page", ({ args: [name] }) => {
        expect.step(name);
        return { ...PAGE, days, cutoff: "Mar 10, 2026", computed: "2026-03-10 10:05:33" };
    });
    const action = { params: { names: ["pipeline_change"] } };
    const env = await makeMockEnv({ config: getDefaultConfig() });
    await mountWithCleanup(Page, { env, props: { action, actionId: 1, className: "" } });
    expect.verifySteps(["pipeline_change"]);
    // In the zone of whoever looks, without seconds.
    expect("p.text-muted").toHaveText(/until Mar 10, 2026\. Updated Mar 10, 2026, 11:05.AM\./);
    expect(queryAll("input[type=date]").map(({ value }) => value)).toEqual([
        days.since,
        days.until,
    ]);
    expect("input[type=date]:last").toHaveAttribute("max", days.last);
    const since = queryFirst("input[type=date]");
    since.value = "2026-01-15";
    await manuallyDispatchProgrammaticEvent(since, "change");
    await animationFrame();
    expect.verifySteps(["pipeline_change:2026-01-15..2026-03-10"]);
});

test("rows of wide tables can be read as lists, months stay in columns", async () => {
    await mountSection(table(["Deal", "Amount", "Stage", "Reason"]));
    await mountSection(table(["Month", "1", "2", "3"]));
    await mountSection(table(["Tier", "Customers", "Revenue"]));
    const isList = queryAll("table").map((each) => each.classList.contains("o_kpi_bi_list"));
    expect(isList).toEqual([true, false, false]);
    expect("table:first td:last").toHaveAttribute("data-head", "Reason");
});

test("segments say how many customers they are, their names are never cut off", async () => {
    const names = { needs_attention: "Need Attention", champion: "Champions" };
    const rows = Object.entries(names).map(([key, name]) => ({
        ...{ key, name, customers: 1200, revenue: 5e6, share: 0.5 },
        ...{ amount: "5 M€", change: "+3", exact: "5,000,000.00 €" },
    }));
    const tile = { segments: { company_id: 1, can_open: false, rows } };
    await mountWithCleanup(SegmentMapTile, { props: { actions: {}, tile } });
    expect(queryAllTexts(".o_kpi_segment_map_part:first > *")).toEqual([
        "Need Attention\n+3",
        "1,200 customers",
        "5 M€",
    ]);
    expect(".o_kpi_segment_map_part:first > span:eq(1)").toHaveAttribute("title", rows[0].exact);
    for (const part of queryAll(".o_kpi_segment_map_part > *")) {
        expect(getComputedStyle(part).textOverflow).toBe("clip");
    }
});

test("a forecast follows the scenario that is chosen", async () => {
    const expected = { values: [null, 110], lows: [null, 90], highs: [null, 130] };
    const series = [{ name: "Revenue", report_id: 1, values: [100], expected }];
    const chart = {
        ...{ categories: ["Jan"], starts: ["2026-01-01"], is_running: false, series },
        ...{ coming: { categories: ["Feb"], starts: ["2026-02-01"] } },
        unit: { kind: "number", decimals: 0 },
    };
    const tile = { kind: "line", title: "Revenue", chart, has_scenarios: true };
    const section = await mountWithCleanup(ChartSection, { props: { tile } });
    const likely = section.tile;
    expect(likely).toBe(section.tile); // else it would be redrawn each time
    expect(likely.chart.series[0].expected.values).toEqual([null, 110]);
    await contains("button:contains(Cautious)").click();
    expect("button.active").toHaveText("Cautious");
    expect(section.tile.chart.series[0].expected.values).toEqual([null, 90]);
    expect(section.tile.chart.series[0].expected.highs).toEqual([null, 130]);
    await contains("button:contains(Likely)").click();
    expect(section.tile).toBe(likely);
});

test("cohorts have names of months; a month that is not over is empty, a true 0 is not", async () => {
    const cohorts = {
        ...{ months: ["2026-01", "2026-02"], names: ["Jan 2026", "Feb 2026"] },
        ...{
            sizes: [4, 2],
            shares: [
                [1, 0.5, 0],
                [1, 0.055, null],
            ],
            means: [1, 0.35, 0],
        },
        ...{ can_open: false, company_id: 1 },
    };
    await mountWithCleanup(TriangleTile, { props: { actions: {}, tile: { cohorts } } });
    const rows = queryAll("tbody tr").map((row) => queryAllTexts("th, td", { root: row }));
    expect(rows).toEqual([
        ["Jan 2026", "4", "100%", "50%", "0%"],
        ["Feb 2026", "2", "100%", "5.5%", ""],
    ]);
    expect(queryFirst("thead tr").children).toHaveLength(5);
});
