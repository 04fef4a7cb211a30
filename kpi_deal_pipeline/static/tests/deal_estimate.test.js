import { expect, test } from "@odoo/hoot";
import { queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    makeServerError,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { DealEstimate } from "@kpi_deal_pipeline/eager/deal_estimate/deal_estimate";
import { homePanels } from "@kpi_tracking/home/home_panels";

const FOUND = {
    value: 40_000,
    day: "2026-03-20",
    first_day: "2026-03-02",
    last_day: "2028-03-01",
    deal_currency_id: 1,
    currency_id: 1,
    agent_id: 7,
    agents: [{ id: 7, name: "Ada Roy" }],
    period: "Q1 2026",
    gain: 5900,
    own: 3200,
    others: 2700,
    before: 4500,
    next_step: {
        kind: "tier",
        plan: "Plan 2026",
        limit: 150_000,
        missing: 20_000,
        before: 0.08,
        after: 0.12,
        gain: 7600,
    },
    assumptions: ["Assumes that the full value is invoiced."],
};

class Deal extends models.Model {
    _name = "x_deal";
    agent_id = fields.Many2one({ relation: "res.users" });
    estimated_value_amount = fields.Float();
    expected_close_date = fields.Date();
    _records = [
        {
            id: 5,
            agent_id: false,
            estimated_value_amount: 40_000,
            expected_close_date: "2026-03-20",
        },
    ];
}

defineMailModels();
defineModels([Deal]);

/** Answers each question with what was asked for. */
function answer(change = {}) {
    onRpc("kpi.deal", "get_earnings_estimate", ({ args: [[id], agentId, value, day] }) => {
        expect.step([id, agentId, value, day]);
        return {
            ...FOUND,
            ...change,
            agent_id: agentId || 7,
            value: value === false ? FOUND.value : value,
            day: day || FOUND.day,
        };
    });
}

function enter(name, value, event = "input") {
    const input = queryOne(`input[name=${name}]`);
    input.value = value;
    input.dispatchEvent(new Event(event));
}

test("a deal says what it would bring, of which parts and what is assumed", async () => {
    answer();
    await mountWithCleanup(DealEstimate, { props: { dealId: 5 } });
    await animationFrame();
    expect.verifySteps([[5, false, false, false]]);
    expect(".badge").toHaveText("Estimate");
    expect(".o_kpi_deal_estimate_gain").toHaveText(/5,900\.00/);
    expect(queryAllTexts("dt")).toEqual([
        "On this deal",
        "On other deals in Q1 2026, at the new rate",
        "Q1 2026 without this deal",
        "Q1 2026 with this deal",
    ]);
    expect("dd:last").toHaveText(/10,400\.00/);
    expect(".o_kpi_deal_estimate_step").toHaveText(
        /20,000\.00 of value reaches the tier of Plan 2026 above .*150,000\.00 \(12% instead of 8%\) and earns .*7,600\.00/,
    );
    expect("li").toHaveText(FOUND.assumptions[0]);
    expect("select").toHaveCount(0);
    expect("input[name=value_slider]").toHaveAttribute("max", "80000");
});

test("moving sliders asks once, after a pause", async () => {
    answer();
    await mountWithCleanup(DealEstimate, { props: { dealId: 5 } });
    await animationFrame();
    expect.verifySteps([[5, false, false, false]]);
    enter("value_slider", 50_000);
    enter("value_slider", 60_000);
    enter("day_slider", 30);
    await animationFrame();
    expect("input[name=value]").toHaveValue(60_000);
    expect(queryOne("input[name=day]").value).toBe("2026-04-01");
    expect.verifySteps([]);
    await advanceTime(400);
    expect.verifySteps([[5, 7, 60_000, "2026-04-01"]]);
});

test("an answer that comes while a slider moves on does not move it back", async () => {
    const first = new Deferred();
    onRpc("kpi.deal", "get_earnings_estimate", async ({ args: [, , value] }) => {
        expect.step(value);
        if (value === 50_000) {
            await first;
        }
        return { ...FOUND, value: value || FOUND.value };
    });
    await mountWithCleanup(DealEstimate, { props: { dealId: 5 } });
    await animationFrame();
    enter("value_slider", 50_000);
    await advanceTime(400);
    enter("value_slider", 60_000);
    first.resolve();
    await animationFrame();
    expect("input[name=value]").toHaveValue(60_000);
    expect(".o_kpi_deal_estimate_asking").toHaveCount(1);
    await advanceTime(400);
    expect.verifySteps([false, 50_000, 60_000]);
    expect("input[name=value]").toHaveValue(60_000);
    expect(".o_kpi_deal_estimate_asking").toHaveCount(0);
});

test("who sees several agents chooses one; a deal without others' part says one sum", async () => {
    answer({ agents: [...FOUND.agents, { id: 8, name: "Bo Lind" }], others: 0, gain: 3200 });
    await mountWithCleanup(DealEstimate, { props: { dealId: 5 } });
    await animationFrame();
    expect("dt").toHaveCount(2);
    await contains("select").select("8");
    await animationFrame();
    expect.verifySteps([
        [5, false, false, false],
        [5, 8, 40_000, "2026-03-20"],
    ]);
});

test("what the server refuses is said in its words; sliders stay where there were some", async () => {
    let isRefused = true;
    onRpc("kpi.deal", "get_earnings_estimate", () => {
        if (isRefused) {
            throw makeServerError({
                message: "Ada Roy has no active commission plan on Apr 1, 2026.",
            });
        }
        return FOUND;
    });
    await mountWithCleanup(DealEstimate, { props: { dealId: 5 } });
    await animationFrame();
    expect(".o_kpi_deal_estimate").toHaveText(
        "Ada Roy has no active commission plan on Apr 1, 2026.",
    );
    expect("input").toHaveCount(0);
    isRefused = false;
    await mountWithCleanup(DealEstimate, { props: { dealId: 5 } });
    await animationFrame();
    isRefused = true;
    enter("day", "2027-03-01", "change");
    await advanceTime(400);
    await animationFrame();
    expect(".text-danger").toHaveText("Ada Roy has no active commission plan on Apr 1, 2026.");
    expect("input").toHaveCount(4);
});

test("on a form the sliders begin at what stands there", async () => {
    mockDate("2026-03-02 12:00:00");
    answer();
    await mountView({
        type: "form",
        resModel: "x_deal",
        resId: 5,
        arch: `<form>
            <field name="estimated_value_amount"/>
            <widget name="kpi_deal_estimate"/>
        </form>`,
    });
    await animationFrame();
    expect.verifySteps([[5, false, 40_000, "2026-03-20"]]);
    await contains("[name=estimated_value_amount] input").edit("70000", { confirm: "tab" });
    await animationFrame();
    expect.verifySteps([[5, false, 70_000, "2026-03-20"]]);
});

test("the overview says what was earned and what may be; a deal can be tried", async () => {
    answer();
    onRpc("kpi.commission", "get_expected_earnings", () => [
        {
            agent_id: 7,
            plan: "Brokers",
            currency_id: 1,
            period: "Q1 2026",
            earned: 4500,
            p10: 4500,
            p50: 7700,
            p90: 12_000,
            deal_count: 2,
            deals: [
                { id: 5, title: "Quay 7" },
                { id: 6, title: "Quay 8" },
            ],
            next_step: FOUND.next_step,
            assumptions: ["Each open deal is won or not."],
        },
    ]);
    const { component } = homePanels.get("kpi_deal_pipeline.earnings");
    await mountWithCleanup(component, { props: { content: true } });
    await animationFrame();
    expect("h2").toHaveText(/Expected earnings\s*Estimate/);
    expect(".o_kpi_earnings_plan > p:first").toHaveText("Q1 2026 · Brokers · open deals due: 2");
    expect(queryAllTexts("dt")).toEqual([
        "Earned so far",
        "Low (P10)",
        "Median (P50)",
        "High (P90)",
    ]);
    expect(queryOne(".o_kpi_earnings_range").style.inlineSize).toBe("62.5%");
    expect(".o_kpi_deal_estimate").toHaveCount(0);
    await contains("select").select("6");
    await animationFrame();
    expect.verifySteps([[6, false, false, false]]);
    expect(".o_kpi_deal_estimate_gain").toHaveCount(1);
});

for (const [range, labels, why] of [
    [[100, 100, 100], ["Earned so far", "Expected (P10 to P90)"], /^No range: at least 80%/],
    [
        [100, 200, 200],
        ["Earned so far", "Low (P10)", "Median and high (P50, P90)"],
        /^Equal figures are shown once/,
    ],
    [
        [100, 100, 200],
        ["Earned so far", "Low and median (P10, P50)", "High (P90)"],
        /^Equal figures are shown once/,
    ],
]) {
    test(`the range ${range} shows equal figures once and says why`, async () => {
        answer();
        const [p10, p50, p90] = range;
        onRpc("kpi.commission", "get_expected_earnings", () => [
            {
                agent_id: 7,
                plan: "Brokers",
                currency_id: 1,
                period: "Q1 2026",
                earned: 50,
                p10,
                p50,
                p90,
                deal_count: 1,
                deals: [],
                next_step: null,
                assumptions: [],
            },
        ]);
        const { component } = homePanels.get("kpi_deal_pipeline.earnings");
        await mountWithCleanup(component, { props: { content: true } });
        await animationFrame();
        expect(queryAllTexts("dt")).toEqual(labels);
        expect("p.o_kpi_font_12").toHaveText(why);
        expect(".o_kpi_earnings_range").toHaveCount(p10 < p90 ? 1 : 0);
    });
}
