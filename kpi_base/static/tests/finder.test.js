import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { press } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { contains, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { MainComponentsContainer } from "@web/core/main_components_container";

defineMailModels();

test("Ctrl+K finds records by name, when no more is typed", async () => {
    onRpc("kpi.findable.mixin", "find_by_name", ({ args }) => {
        expect.step(args[0]);
        return [{ id: 7, kind: "KPI", model: "kpi.report", name: "Order Value" }];
    });
    onRpc("kpi.report", "action_open_found", ({ args }) => ({ opened: args[0] }));
    mockService("action", {
        doAction: (action) => expect.step(JSON.stringify(action)),
    });
    await mountWithCleanup(MainComponentsContainer);
    await press(["control", "k"]);
    await animationFrame();
    const search = contains(".o_command_palette_search input");
    await search.edit("ord", { confirm: false });
    await search.edit("order", { confirm: false });
    await advanceTime(300);
    await animationFrame();
    expect(".o_command_name:contains(Order Value)").toHaveText("Order Value (KPI)");
    await contains(".o_command_name:contains(Order Value)").click();
    await animationFrame();
    expect.verifySteps(["order", '{"opened":[7]}']);
    expect(".o_command_palette").toHaveCount(0); // what was chosen has opened instead
});
