import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { card, courses } from "@kpi_tracking_dashboard/../tests/dashboard_answer";
import { Tile } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile";

defineMailModels();

async function openMenu(shown) {
    onRpc("kpi.report", "action_discuss", ({ args: [ids] }) => {
        expect.step(ids);
        return { name: "Discuss" };
    });
    mockService("action", { doAction: ({ name }) => expect.step(name) });
    const actions = { drill: () => {} };
    const props = { actions, canEdit: false, isEditing: false, place: "", tile: shown };
    await mountWithCleanup(Tile, { props });
    await animationFrame();
    await contains(".o_kpi_tile_menu").click();
}

test("a tile of one KPI offers a discussion of it", async () => {
    await openMenu(card());
    await contains(".o-dropdown-item:contains(Discuss)").click();
    expect.verifySteps([[7], "Discuss"]);
});

test("a tile of many KPIs does not", async () => {
    await openMenu({ ...courses("line"), report_ids: [7, 8] });
    expect(".o-dropdown-item:contains(Discuss)").toHaveCount(0);
});
