import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { makeMockEnv, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { chartConfig } from "@kpi_tracking_dashboard/screens/dashboard/chart_config";
import { tableOf } from "@kpi_tracking_dashboard/screens/dashboard/tile_table";
import { Tile } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile";
import { card, COMING, EXPECTED, goingOn, kpi, LOOK, MONTHS } from "./dashboard_answer";

defineMailModels();

async function mountTile(tile) {
    const props = { actions: {}, canEdit: false, isEditing: false, place: "1", tile };
    await mountWithCleanup(Tile, { props });
    await animationFrame();
}

test("a line goes on dotted and in a band, from the last value of which nothing is expected", async () => {
    await makeMockEnv();
    const { data, options } = chartConfig(goingOn(), LOOK);
    expect(data.labels).toEqual([...MONTHS, ...COMING.categories]);
    const [values, target, line, low, high] = data.datasets;
    expect([values.data, target.data]).toEqual([
        [70, null, 82],
        [100, 100, 100],
    ]);
    // October runs: the line leaves August, as September has no value
    expect(line).toMatchObject({ borderDash: [2, 4], data: [70, null, 95, 101, 103] });
    expect(low).toMatchObject({ data: [70, null, 90, 91, null], isLimit: true, borderWidth: 0 });
    expect(high).toMatchObject({ data: [70, null, 100, 111, null], fill: "-1" });
    expect(high.backgroundColor).toBe("--kpi-series-1 0.13");
    const { callbacks, filter } = options.plugins.tooltip;
    const at = (dataset, dataIndex) => ({
        dataset,
        dataIndex,
        parsed: { y: dataset.data[dataIndex] },
    });
    expect(callbacks.label(at(line, 3))).toBe("Expected 101 (91 – 111), 80%");
    expect(callbacks.label(at(line, 4))).toBe("Expected 103");
    expect(filter(at(line, 3))).toBe(true);
    expect(filter(at(line, 0))).toBe(false, { message: "a value, of which nothing is expected" });
    expect(filter(at(low, 3))).toBe(false);
    expect(filter(at(values, 0))).toBe(true);
});

test("several lines that go on say whose it is; each has a name only once", async () => {
    await makeMockEnv();
    const shown = goingOn();
    const [series] = shown.chart.series;
    shown.chart.series.push({ ...series, name: "Lost", report_id: 8, expected: null });
    const { data, options } = chartConfig(shown, { ...LOOK, seriesCount: 2 });
    const line = data.datasets.find(({ isExpected }) => isExpected);
    const point = { dataset: line, dataIndex: 2, parsed: { y: 95 } };
    expect(options.plugins.tooltip.callbacks.label(point)).toBe(
        "Won Revenue: Expected 95 (90 – 100), 80%",
    );
    const isNamed = (_dataset, datasetIndex) =>
        options.plugins.legend.labels.filter({ datasetIndex }, data);
    expect(data.datasets.filter(isNamed).map(({ label }) => label)).toEqual([
        "Won Revenue",
        "Lost",
    ]);
    expect(data.datasets.filter(({ isExpected }) => isExpected)).toHaveLength(1);
});

test("a closed period is where its line goes on from", () => {
    const shown = goingOn("area", { is_running: false });
    shown.chart.series[0].expected = {
        ...shown.chart.series[0].expected,
        values: [null, 101, 103],
    };
    const line = chartConfig(shown, LOOK).data.datasets.find(({ isExpected }) => isExpected);
    expect(line.data).toEqual([null, null, 82, 101, 103]);
});

test("a table lists what is expected, and periods to come as such", async () => {
    await makeMockEnv();
    const table = tableOf(goingOn());
    expect(table.columns).toEqual(["Won Revenue", "Forecast (80%)", "Target"]);
    const plain = (text) => text.replace(/[^\x20-\x7e–]/g, "");
    expect(table.rows.slice(0, 4).map(({ name }) => name)).toEqual([
        "Dec 2026 (forecast)",
        "Nov 2026 (forecast)",
        "Oct 2026",
        "Sep 2026",
    ]);
    expect(table.rows.map(({ cells }) => plain(cells[1].text))).toEqual([
        "103",
        "101 (91 – 111)",
        "95 (90 – 100)",
        "",
        "",
    ]);
    expect(table.rows.map(({ cells }) => plain(cells[0].text))).toEqual([
        "–",
        "–",
        "82",
        "–",
        "70",
    ]);
    expect(table.rows.map(({ place }) => place && place.place)).toEqual([null, null, 2, 1, 0]);
});

test("a series of expected values alone has one column, and leaves the target grey", async () => {
    await makeMockEnv();
    const shown = goingOn();
    const values = [null, 12, 9];
    const unknown = values.map(() => null);
    shown.chart.series.push({
        name: "Open pipeline",
        report_id: null,
        values: shown.chart.categories.map(() => null),
        expected: { values, lows: unknown, highs: unknown },
    });
    const { columns, rows } = tableOf(shown);
    expect(columns).toEqual(["Won Revenue", "Forecast (80%)", "Open pipeline", "Target"]);
    expect(rows.map(({ cells }) => cells[2].text.replace(/\D/g, ""))).toEqual([
        "9",
        "12",
        "",
        "",
        "",
    ]);
    const { datasets } = chartConfig(shown, LOOK).data;
    expect(datasets.find(({ isTarget }) => isTarget).borderColor).toBe(LOOK.color("--kpi-target"));
    const line = datasets.find(({ isExpected, label }) => isExpected && label === "Open pipeline");
    expect(line.data).toEqual([null, null, null, 12, 9]);
});

test("a chart that goes on says so to who cannot see it", async () => {
    await mountTile(goingOn());
    expect("canvas").toHaveAttribute("aria-label", /chart with forecast through Dec 2026/);
});

test("a trend goes on, and its name says until when", async () => {
    const { sparkline } = kpi();
    await mountTile(
        card("trend", {}, { sparkline: { ...sparkline, coming: COMING, expected: EXPECTED } }),
    );
    expect(".o_kpi_sparkline_expected").toHaveCount(1);
    expect(".o_kpi_sparkline_band").toHaveCount(1);
    expect(".o_kpi_sparkline").toHaveAttribute("aria-label", /Dec 2026: Expected 103$/);
});

test("values that are being updated say so", async () => {
    await mountTile({ ...goingOn(), is_expected_stale: true, message: "5 of 8 are shown." });
    expect(".o_kpi_tile_note").toHaveText("5 of 8 are shown. Forecasts are being updated.");
});
