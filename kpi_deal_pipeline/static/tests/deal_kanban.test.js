import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
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
    is_rotting = fields.Boolean();
    activity_state = fields.Char();
    weighted_amount = fields.Float({ aggregator: "sum" });
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
        { id: 3, title: "Dock", pipeline_stage: "closed_lost" },
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
            <templates><t t-name="card"><field name="title"/></t></templates>
        </kanban>`,
    groupBy: ["pipeline_stage"],
};

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

test("a card dropped on another stage is moved", async () => {
    onRpc("x_deal", "web_save", ({ args }) => expect.step(args[1].pipeline_stage));
    await mountView(BOARD);
    await contains(".o_kanban_group:first .o_kanban_record").dragAndDrop(".o_kanban_group:eq(1)");
    await animationFrame();
    expect.verifySteps(["negotiation"]);
});

test("a column in which no deal has a rate has no sum, and not 0", async () => {
    onRpc("x_deal", "web_read_group", ({ parent }) => {
        const result = parent();
        result.groups[0]["weighted_amount:sum"] = false;
        return result;
    });
    await mountView({
        ...BOARD,
        arch: BOARD.arch.replace(
            "<templates>",
            `<progressbar field="activity_state" colors='{"today": "warning"}' sum_field="weighted_amount"/>
             <templates>`,
        ),
    });
    expect(queryAllTexts(".o_kanban_counter")).toEqual(["–", "0", "0"]);
});
