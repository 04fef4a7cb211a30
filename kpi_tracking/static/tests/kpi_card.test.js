import { expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { Component, xml } from "@odoo/owl";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { recordOf, withoutYear } from "@kpi_tracking/card/card_record";
import { KpiCard } from "@kpi_tracking/card/kpi_card";
import { HomeCard } from "@kpi_tracking/home/home_card";

defineMailModels();

const LONG = "Satisfaction of customers in the north who ordered spare parts more than once yet";
const CARD = {
    report_id: 7,
    name: "Won Revenue – Sales / East",
    kpi: "Won Revenue",
    scope: "",
    unit: { kind: "number", decimals: 0 },
    direction: "higher",
    aggregation_time: "sum",
    is_starred: false,
    reason: "",
    value: 82,
    previous: 100,
    previous_label: "Sep 2026",
    target: 100,
    achievement: 82,
    status: "off_target",
    period: { label: "Oct 2026", start: "2026-10-01", is_running: false },
    trend: [
        { label: "Sep 2026", value: 100, target: 100 },
        { label: "Oct 2026", value: 82, target: 100 },
    ],
};
const RUNNING = {
    ...CARD,
    status: "on_target",
    target: 80,
    period: { ...CARD.period, is_running: true },
};
const EMPTY = { value: null, previous: null, status: "no_data" };
const AT_ONCE = () => {};

/** Cards of a width beside each other, as on the overview. */
async function show(cards, width = 220) {
    class Row extends Component {
        static components = { HomeCard };
        static props = {};
        static template = xml`
            <div t-attf-style="display: grid; grid-template-columns: repeat({{ cards.length }}, {{ width }}px)">
                <HomeCard t-foreach="cards" t-as="card" t-key="card_index" card="card" areJudged="true" mainLabel="'Oct 2026'" enter="atOnce" open="atOnce" toggleStar="atOnce"/>
            </div>`;

        setup() {
            Object.assign(this, { atOnce: AT_ONCE, cards, width });
        }
    }
    await mountWithCleanup(Row);
}

const bottoms = () =>
    queryAll(".o_kpi_lines .o_kpi_value").map((it) => it.getBoundingClientRect().bottom);

test("a card has five lines: name, value, status and distance, trend, value before", async () => {
    await show([CARD]);
    expect(queryAllTexts(".o_kpi_home_card > header, .o_kpi_lines > *")).toHaveLength(5);
    expect(".o_kpi_home_title").toHaveText("Won Revenue");
    expect(".o_kpi_value_large").toHaveText("82");
    expect(".o_kpi_lines_status .o_kpi_status").toHaveText("Off track");
    expect(".o_kpi_lines_distance bdi").toHaveText("−18%");
    expect(".o_kpi_lines_distance").toHaveClass("o_kpi_status_danger");
    expect(".o_kpi_lines_distance").toHaveAttribute("data-tooltip", "−18% vs target");
    expect(".o_kpi_sparkline").toHaveAttribute("aria-label", "Sep 2026: 100 → Oct 2026: 82");
    expect(".o_kpi_lines_targets").toHaveText("100");
    expect(".o_kpi_lines_before bdi").toHaveText("−18% vs Sep");
    expect(".o_kpi_lines_before .visually-hidden").toHaveText("−18% vs Sep 2026 · Target 100");
    expect(getComputedStyle(queryOne(".o_kpi_lines")).gridTemplateRows).toBe("36px 24px 44px 16px");
    expect(queryOne(".o_kpi_home_card > header").offsetHeight).toBe(20);
});

test("while a period runs the target is that to date, its way dotted and its dot open", async () => {
    await show([RUNNING]);
    expect(".o_kpi_lines_distance").toHaveAttribute("data-tooltip", "+3% vs target to date");
    expect(".o_kpi_lines_distance").toHaveClass("o_kpi_status_success");
    expect(".o_kpi_lines_targets").toHaveText("80");
    expect(".o_kpi_sparkline_open").toHaveCount(1);
    expect(".o_kpi_sparkline_hole").toHaveCount(1);
    expect(".o_kpi_lines_before bdi").toHaveText("Sep: 100"); // not compared with a part
});

const ODD = {
    "a name of 80 characters": { kpi: LONG, name: LONG },
    "a value of 12 digits": { value: 123456789012 },
    "a unit as long as a name": { unit: { kind: "custom", decimals: 0, symbol: LONG } },
    "a value as good as nothing": { value: -0.0001 },
    "with as many decimals": { value: -0.0001, unit: { kind: "number", decimals: 4 } },
    "no value": { ...EMPTY, reason: LONG },
    "no value yet": { ...EMPTY, reason: "No value entered yet.", can_enter: true },
    "no target": {
        target: null,
        status: "no_target",
        trend: CARD.trend.map((point) => ({ ...point, target: null })),
    },
    "no history": { previous: null, trend: [CARD.trend[1]] },
    "not even a trend": { previous: null, trend: [] },
    "a range": {
        direction: "range",
        trend: CARD.trend.map(({ label, value }) => ({ label, value, low: 90, high: 91 })),
    },
    "a scope as long as a name": { scope: LONG },
};

test("whatever a card says, it keeps its lines, and values stand on one line", async () => {
    const cards = Object.values(ODD).map((odd) => ({ ...CARD, ...odd }));
    await show([CARD, ...cards, RUNNING]);
    for (const lines of queryAll(".o_kpi_lines")) {
        expect(getComputedStyle(lines).gridTemplateRows).toBe("36px 24px 44px 16px");
        expect(lines.scrollWidth).toBe(lines.clientWidth);
        expect(lines).not.toHaveText(/undefined|null|NaN|Infinity/);
    }
    for (const card of queryAll(".o_kpi_home_card")) {
        expect(card.offsetHeight).toBe(182);
        expect(card.scrollWidth <= card.clientWidth).toBe(true);
    }
    expect(Math.max(...bottoms()) - Math.min(...bottoms())).toBeLessThan(0.5);
});

test("a long name is one line; all of it is there for who points at it or hears it", async () => {
    await show([{ ...CARD, kpi: LONG, name: LONG }]);
    const name = queryOne(".o_kpi_home_title");
    expect(name).toHaveText(LONG);
    expect(name).toHaveAttribute("title", LONG);
    expect(name.clientHeight).toBeLessThan(21);
    expect(getComputedStyle(name).textOverflow).toBe("ellipsis");
});

test("words without room beside the distance are hidden, the number is not", async () => {
    await show([CARD], 400);
    const words = () => queryOne(".o_kpi_lines_distance > :last-child").offsetTop;
    const number = () => queryOne(".o_kpi_lines_distance bdi").offsetTop;
    expect(words()).toBe(number());
    queryOne(".o_kpi_home_card").style.inlineSize = "190px";
    expect(words()).toBeGreaterThan(number());
    expect(".o_kpi_lines_distance").toHaveStyle({ overflow: "hidden" });
});

test("points are words beside a percentage, other units are part of the number", async () => {
    const at = (kind, symbol) => ({ ...CARD, unit: { kind, symbol, decimals: 0 } });
    await show([at("percent"), at("custom", "pcs")], 400);
    const said = (css) => queryAllTexts(css).map((text) => text.replace(/\s/g, " "));
    expect(said(".o_kpi_lines_distance bdi")).toEqual(["−18", "−18%"]);
    expect(said(".o_kpi_lines_distance > span[aria-hidden]")).toEqual([
        "points",
        "vs target",
        "vs target",
    ]);
});

test("what has no value says why, and whoever may enters it", async () => {
    await show([{ ...CARD, ...EMPTY, reason: LONG, can_enter: true }]);
    expect(".o_kpi_value_large").toHaveText("–");
    expect(".o_kpi_lines_reason").toHaveAttribute("title", LONG);
    expect(".o_kpi_lines_trend button").toHaveText("Enter Value");
});

test("both ends of a range are named, unless they stand upon each other", async () => {
    const trend = (low, high) => [{ label: "Oct 2026", value: 82, low, high }];
    const range = { ...CARD, direction: "range" };
    await show([
        { ...range, trend: trend(10, 90) },
        { ...range, trend: trend(10, 11) },
    ]);
    expect(queryAllTexts(".o_kpi_lines_targets")).toEqual(["10\n90", "10"]);
    expect(queryAllTexts(".o_kpi_lines_distance bdi")).toEqual(["", "+71"]);
});

test("the number of a target has its unit where the value has another", async () => {
    const unit = { kind: "custom", decimals: 0, symbol: "pcs" };
    const at = (value) => ({ ...CARD, unit, trend: [{ label: "Oct", value: 82, target: value }] });
    await show([at(95), at(9500)]);
    expect(queryAllTexts(".o_kpi_lines_targets").map((text) => text.replace(/\s/g, " "))).toEqual([
        "95",
        "9.5 k pcs",
    ]);
});

test("what is on track but not ahead of its target has a pale distance", async () => {
    await show([{ ...CARD, status: "on_target", value: 99 }]);
    expect(".o_kpi_lines_distance").not.toHaveClass("o_kpi_status_success");
});

test("a card of others has what it is given", async () => {
    const data = recordOf(CARD);
    await mountWithCleanup(KpiCard, {
        props: { data, details: "all", hasDistance: false, hasStatus: false, hasTrend: false },
    });
    expect(queryAllTexts(".o_kpi_lines > *")).toEqual(["82", "", "", "all"]);
});

test("a year is left out where it is that of the period shown", () => {
    expect(withoutYear("Sep 2026", "Oct 2026")).toBe("Sep");
    expect(withoutYear("W43 2026", "W44 2026")).toBe("W43");
    expect(withoutYear("Sep 8, 2026", "Sep 9, 2026")).toBe("Sep 8");
    expect(withoutYear("set. de 2026", "out. de 2026")).toBe("set.");
    expect(withoutYear("Jan 2026 – Mar 2026", "Apr 2026 – Jun 2026")).toBe("Jan – Mar");
    expect(withoutYear("Nov 2025 – Jan 2026", "Feb 2026 – Apr 2026")).toBe("Nov 2025 – Jan 2026");
    expect(withoutYear("Dec 2025", "Jan 2026")).toBe("Dec 2025");
    expect(withoutYear("2025", "2026")).toBe("2025");
    expect(withoutYear("2026年9月", "2026年10月")).toBe("2026年9月");
});

test("a status is one line next to a value that has no room", async () => {
    class Row extends Component {
        static template = xml`
            <div class="o_kpi_card_value" style="width: 240px">
                <span t-out="props.name" />
                <div class="o_field_widget o_field_kpi_status">
                    <span class="o_kpi_status">
                        <svg class="o_kpi_status_icon" viewBox="0 0 12 12" />
                        <span class="o_kpi_status_word">Off track so far</span>
                    </span>
                </div>
            </div>`;
        static props = { name: String };
    }
    await mountWithCleanup(Row, { props: { name: LONG } });
    const chip = queryOne(".o_kpi_status");
    expect(chip.offsetHeight).toBeLessThan(1.5 * parseFloat(getComputedStyle(chip).lineHeight));
});

class Charts extends Component {
    static template = xml`
        <div class="o_kpi_card">
            <div class="o_field_widget o_kpi_card_gauge">Gauge</div>
            <div class="o_field_widget o_kpi_card_course">Line</div>
        </div>`;
    static props = {};
}

test.tags("desktop");
test("a card has a gauge and a line", async () => {
    await mountWithCleanup(Charts);
    expect(".o_kpi_card_gauge").toBeVisible();
    expect(".o_kpi_card_course").toBeVisible();
});

test.tags("mobile");
test("on phones a card has the line only", async () => {
    await mountWithCleanup(Charts);
    expect(".o_kpi_card_gauge").not.toBeVisible();
    expect(".o_kpi_card_course").toBeVisible();
});
