import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Deal extends models.Model {
    _name = "x_deal";
    title = fields.Char();
    is_late = fields.Boolean();
    is_rotting = fields.Boolean();
    activity_state = fields.Char();
    status = fields.Char({ default: "open" });
    confidence = fields.Float({ aggregator: false });
    company_currency_id = fields.Many2one({ relation: "res.currency" });
    currency_id = fields.Many2one({ relation: "res.currency" });
    weighted_amount = fields.Monetary({
        aggregator: "sum",
        currency_field: "company_currency_id",
    });
    company_amount = fields.Monetary({ aggregator: "sum", currency_field: "company_currency_id" });
    estimated_value_amount = fields.Monetary({ aggregator: "sum", currency_field: "currency_id" });
    late_count = fields.Integer({ aggregator: "sum" });
    pipeline_stage = fields.Selection({
        selection: [
            ["proposal", "Proposal"],
            ["negotiation", "Negotiation"],
            ["closed_lost", "Lost"],
        ],
    });
    _records = [
        { id: 1, title: "Quay 7", pipeline_stage: "proposal" },
        { id: 2, title: "Mill", pipeline_stage: "negotiation" },
        { id: 3, title: "Dock", pipeline_stage: "closed_lost", status: "closed_lost" },
    ];
}

defineMailModels();
defineModels([Deal]);

const BOARD = {
    type: "kanban",
    resModel: "x_deal",
    arch: `
        <kanban js_class="kpi_deal_kanban">
            <field name="is_rotting"/>
            <field name="status"/>
            <templates><t t-name="card"><field name="title"/></t></templates>
        </kanban>`,
    groupBy: ["pipeline_stage"],
};

test.tags("desktop");
test("a card dropped on Lost stays until the reason is told", async () => {
    mockService("action", {
        doActionButton(params) {
            expect.step(`${params.name} ${params.resId} ${params.context.to_stage}`);
        },
    });
    onRpc("x_deal", "web_save", () => expect.step("saved"));
    await mountView(BOARD);
    await contains(".o_kanban_group:first .o_kanban_record").dragAndDrop(
        ".o_kanban_group:contains(Lost)",
    );
    await animationFrame();
    expect.verifySteps(["action_move 1 closed_lost"]);
    expect(queryAllTexts(".o_kanban_group:first .o_kanban_record")).toEqual(["Quay 7"]);
});

test.tags("desktop");
test("a closed card stays until the reason for reopening it is entered", async () => {
    mockService("action", {
        doActionButton(params) {
            expect.step(`${params.name} ${params.resId} ${params.context.to_stage}`);
            params.onClose(); // discarded
        },
    });
    onRpc("x_deal", "web_save", () => expect.step("saved"));
    await mountView(BOARD);
    await contains(".o_kanban_group:contains(Lost) .o_kanban_record").dragAndDrop(
        ".o_kanban_group:first",
    );
    await animationFrame();
    expect.verifySteps(["action_ask_reopen 3 proposal"]);
    expect(queryAllTexts(".o_kanban_group:last .o_kanban_record")).toEqual(["Dock"]);
    expect(queryAllTexts(".o_kanban_group:first .o_kanban_record")).toEqual(["Quay 7"]);
});

test("new deals are created in columns of open deals only", async () => {
    await mountView({
        ...BOARD,
        arch: BOARD.arch.replace("<kanban", '<kanban on_create="quick_create"'),
    });
    expect(".o_kanban_group:first .o_kanban_quick_add").toHaveCount(1);
    expect(".o_kanban_group:contains(Lost) .o_kanban_quick_add").toHaveCount(0);
});

test("a board without a match says so", async () => {
    const empty = { __count: 0, __records: [] };
    answerHeads(empty, empty, empty);
    await mountView(BOARD);
    expect(".o_kpi_deal_none").toHaveText("No deals match the filters.");
    expect(".o_kanban_group").toHaveCount(3);
});

test.tags("desktop");
test("a card dropped on another stage is moved", async () => {
    onRpc("x_deal", "web_save", ({ args }) => expect.step(args[1].pipeline_stage));
    await mountView(BOARD);
    await contains(".o_kanban_group:first .o_kanban_record").dragAndDrop(".o_kanban_group:eq(1)");
    await animationFrame();
    expect.verifySteps(["negotiation"]);
});

const HEADS = {
    ...BOARD,
    arch: BOARD.arch.replace(
        "<templates>",
        `<field name="confidence"/>
         <progressbar field="activity_state" colors='{"today": "warning"}' sum_field="weighted_amount"/>
         <templates>`,
    ),
};

/** What the server answers for the heads of the columns. */
function answerHeads(...heads) {
    onRpc("x_deal", "web_read_group", ({ parent }) => {
        const result = parent();
        result.groups.forEach((group, place) => Object.assign(group, heads[place]));
        return result;
    });
}

function sums(weighted, late = 0, currencies = [2]) {
    return {
        "weighted_amount:sum": weighted,
        "weighted_amount:sum_currency": weighted,
        "company_amount:sum": 14_200_000,
        "company_amount:sum_currency": 14_200_000,
        "company_currency_id:array_agg_distinct": [2],
        "currency_id:array_agg_distinct": currencies,
        "late_count:sum": late,
    };
}

test("a column says in words how many deals it has, their worth and the late ones", async () => {
    answerHeads(sums(2_490_000, 1), sums(0, 0), sums(0));
    await mountView(HEADS);
    expect(queryAllTexts(".o_kpi_deal_head")).toEqual([
        "1 deal · 2.49 M€ weighted · 1 needs attention",
        "1 deal · 0 € weighted",
        "1 deal · 14.2 M€", // closed deals are not weighted any more
    ]);
    expect(".o_kpi_deal_head:first span[data-tooltip]").toHaveAttribute(
        "data-tooltip",
        /^2,490,000.00/,
    );
});

test("a sum over several currencies says of which", async () => {
    answerHeads(sums(2_490_000, 0, [1, 2]));
    await mountView(HEADS);
    expect(".o_kpi_deal_head:first").toHaveText("1 deal · 2.49 M€ weighted from USD, EUR");
    expect(".o_kpi_deal_head:first span[data-tooltip]").toHaveAttribute(
        "data-tooltip",
        /Converted/,
    );
});

test("a column in which no deal has a rate has no sum, and not 0", async () => {
    answerHeads(sums(false));
    await mountView(HEADS);
    expect(".o_kpi_deal_head:first").toHaveText("1 deal · no exchange rate");
});

test("a click on the late ones shows them only", async () => {
    answerHeads(sums(2_490_000, 1));
    onRpc("x_deal", "web_search_read", ({ kwargs }) => expect.step(JSON.stringify(kwargs.domain)));
    await mountView(HEADS);
    await contains(".o_kpi_deal_late").click();
    expect.verifySteps(['["&",["pipeline_stage","=","proposal"],["is_late","=",true]]']);
    expect(".o_kpi_deal_late").toHaveAttribute("aria-pressed", "true");
    expect(".o_kpi_deal_head:first").toHaveText("1 deal · 2.49 M€ weighted · 1 needs attention"); // all of them
    expect(".o_kanban_group_show_rotting").toHaveCount(0); // which would fade the cards
});

test("the colour of a card is the confidence of its agent, as the legend says", async () => {
    const shades = ["low", "medium", "high"];
    Deal._records = [0, 0.1, 0.4, 0.7, 0.9].map((confidence, place) => ({
        id: place + 1,
        title: `Deal ${confidence}`,
        pipeline_stage: "proposal",
        status: confidence === 0.9 ? "cancelled" : "open",
        is_rotting: confidence === 0.1,
        confidence,
    }));
    await mountView(HEADS);
    const cards = [...document.querySelectorAll(".o_kanban_record:not(.o_kanban_ghost)")];
    expect(
        cards.map((card) => shades.find((each) => card.matches(`.o_kpi_confidence_${each}`)) || ""),
    ).toEqual(["", "low", "medium", "high", ""]);
    const legend = queryAll(".o_kpi_deal_legend li").map((item) => item.textContent.trim());
    expect(legend).toEqual(["Confidence", "none", "below 40%", "40 to 70%", "from 70%"]);
});

test("an amount on a card is short, and in full on hover", async () => {
    Deal._records = [
        { id: 1, title: "Quay 7", pipeline_stage: "proposal", estimated_value_amount: 1_829_000 },
    ];
    Deal._records[0].currency_id = 2;
    await mountView({
        ...BOARD,
        arch: BOARD.arch.replace(
            '<field name="title"/>',
            '<field name="currency_id" invisible="1"/><field name="estimated_value_amount" widget="kpi_money"/>',
        ),
    });
    expect(".o_kpi_money").toHaveText("1.83 M€");
    expect(".o_kpi_money").toHaveAttribute("data-tooltip", /^1,829,000.00/);
});
