import { describe, expect, globals, test } from "@odoo/hoot";
import { hover, keyDown, press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Gauge } from "@kpi_tracking/screens/gauge/gauge";
import * as drawing from "@kpi_tracking/screens/gauge/gauge_geometry";
import * as scale from "@kpi_tracking/eager/gauge/scale";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";

const geometry = { ...drawing, ...scale };

defineMailModels();

const ZONES = [
    { from: null, to: 80, color: "danger" },
    { from: 80, to: 95, color: "warning" },
    { from: 95, to: null, color: "success" },
];
const PROPS = {
    high: 120,
    label: "Won Revenue",
    low: 0,
    marks: [
        { kind: "target", text: "100", value: 100 },
        { kind: "baseline", value: 40 },
    ],
    number: "82.4",
    spoken: "82.4 k€ of 100 k€, at risk",
    status: STATUSES.at_risk,
    type: "circular",
    unit: " k€",
    value: 82.4,
    zones: ZONES,
};
const mountGauge = (props = {}) => mountWithCleanup(Gauge, { props: { ...PROPS, ...props } });

describe("geometry", () => {
    const near = (found, expected) =>
        Math.abs(found - expected) <= 1e-9 * Math.max(Math.abs(expected), 1e-3);
    const spans = (zones) => zones.map(({ from, to, color }) => [from, to, color]);
    const checks = {
        arrow: ({ style, side, path }) => geometry.arrow(style, side) === path,
        band: (c) => geometry.band(c.style, c.lane, c.from, c.to) === c.path,
        filled: (c) => {
            const [from, to] = geometry.fillSpan(c.value, c);
            return near(from, c.from) && near(to, c.to);
        },
        label: (c) => {
            const { x, y, anchor } = geometry.labelAnchor(c.style, c.ratio, c.text);
            return x === c.x && y === c.y && anchor === c.anchor;
        },
        needle: ({ path, ratio }) => geometry.needle(ratio) === path,
        place: (c) => {
            const { beyond, ratio } = geometry.scalePosition(c.value, c);
            return near(ratio, c.ratio) && beyond === c.beyond;
        },
        scale: (c) => {
            const options = { startsAtZero: c.starts_at_zero, value: c.value };
            const { low, high } = geometry.chooseScale(c.usual, options);
            return near(low, c.low) && near(high, c.high);
        },
        target_zones: ({ direction, target, zones }) =>
            JSON.stringify(spans(geometry.zonesOfTarget(target, direction))) ===
            JSON.stringify(zones),
        tick: ({ path, ratio, style }) => geometry.tick(style, ratio) === path,
        value_size: (c) => geometry.valueSize(c.style, c.text, c.unit) === c.size,
        zone_at: ({ color, value }) => geometry.zoneAt(ZONES, value).color === color,
        zone_spans: (c) =>
            geometry
                .zoneSpans(ZONES, c)
                .every(
                    ({ low, high, color }, i) =>
                        near(low, c.spans[i][0]) &&
                        near(high, c.spans[i][1]) &&
                        color === c.spans[i][2],
                ),
    };

    test("the browser draws what the table says, as Python does", async () => {
        const response = await globals.fetch("/kpi_tracking/static/tests/gauge_cases.json");
        const table = await response.json();
        expect(Object.keys(table).sort()).toEqual(Object.keys(checks).sort());
        for (const [name, cases] of Object.entries(table)) {
            const wrong = cases.filter((each) => !checks[name](each)).map(({ note }) => note);
            expect(wrong).toEqual([], { message: name });
        }
    });
});

test("a gauge is a meter that says its value", async () => {
    await mountGauge();
    expect("[role=meter]").toHaveAttribute("aria-label", "Won Revenue");
    expect("[role=meter]").toHaveAttribute("aria-valuenow", "82.4");
    expect("[role=meter]").toHaveAttribute("aria-valuemax", "120");
    expect("[role=meter]").toHaveAttribute("aria-valuetext", PROPS.spoken);
    expect("svg").toHaveAttribute("aria-hidden", "true");
});

test("a status is a word and an icon, and not its colour alone", async () => {
    await mountGauge();
    expect(".o_kpi_status").toHaveText("At risk");
    expect(".o_kpi_status_warning path").toHaveAttribute("d", STATUSES.at_risk.path);
});

test("zones, target and baseline are drawn, the target with its number", async () => {
    await mountGauge();
    expect(".o_kpi_gauge_zone").toHaveCount(3);
    expect(".o_kpi_gauge_target").toHaveCount(1);
    expect(".o_kpi_gauge_baseline").toHaveCount(1);
    expect(".o_kpi_gauge_label_mark").toHaveText("100");
});

for (const type of ["circular", "linear", "speedometer", "thermometer"]) {
    test(`a value far outside stays at the end of a ${type} gauge, with an arrow`, async () => {
        await mountGauge({ number: "9,999", type, value: 9999 });
        expect(".o_kpi_gauge_arrow").toHaveCount(1);
        expect("[role=meter]").toHaveAttribute("aria-valuenow", "120");
        expect(queryOne(".o_kpi_gauge").textContent).toMatch(/9,999/);
    });
}

test("without a value there is no fill, and it is said", async () => {
    await mountGauge({ number: "–", spoken: "No data", status: STATUSES.no_data, value: null });
    expect(".o_kpi_gauge_fill").toHaveCount(0);
    expect("[role=meter]").toHaveCount(0);
    expect("[role=img]").toHaveAttribute("aria-label", "Won Revenue: No data");
    expect(".o_kpi_status").toHaveText("No data");
});

test("a length whose scale does not hold zero is a pointer", async () => {
    await mountGauge({ low: 60, type: "linear" });
    expect(".o_kpi_gauge_fill").toHaveCount(0);
    expect(".o_kpi_gauge_pointer").toHaveCount(1);
});

test.tags("desktop");
test("HTML in a name is text", async () => {
    await mountGauge({ details: () => [["<b>x</b>", "<i>y</i>"]], label: "<img src=x>" });
    await hover(".o_kpi_gauge");
    await animationFrame();
    expect(".o_kpi_gauge img, .o_kpi_gauge b").toHaveCount(0);
    expect(".o_kpi_gauge_details dt").toHaveText("<b>x</b>");
});

test("details open on focus and close with Escape", async () => {
    await mountGauge({ details: () => [["Target", "100"]] });
    expect(".o_kpi_gauge_details").toHaveCount(0);
    await press("Tab");
    await animationFrame();
    expect("[role=meter]").toBeFocused();
    expect(queryAllTexts(".o_kpi_gauge_details dl > *")).toEqual(["Target", "100"]);
    await keyDown("Escape");
    await animationFrame();
    expect(".o_kpi_gauge_details").toHaveCount(0);
});

test("a running period is striped", async () => {
    await mountGauge({ isRunning: true });
    expect(".o_kpi_gauge_running .o_kpi_gauge_fill").toHaveStyle({ opacity: "0.6" });
});
