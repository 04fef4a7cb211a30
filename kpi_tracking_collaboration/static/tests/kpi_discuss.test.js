import { expect, test } from "@odoo/hoot";
import { contains } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { card, courses } from "@kpi_tracking_dashboard/../tests/dashboard_answer";
import { openTileMenu } from "@kpi_tracking_dashboard/../tests/tile_menu";

defineMailModels();

const openMenu = (tile) => openTileMenu(tile, "action_discuss", "Discuss");

test("a tile of one KPI offers a discussion of it", async () => {
    await openMenu(card());
    await contains(".o-dropdown-item:contains(Discuss)").click();
    expect.verifySteps([[7], "Discuss"]);
});

test("a tile of many KPIs does not", async () => {
    await openMenu({ ...courses("line"), report_ids: [7, 8] });
    expect(".o-dropdown-item:contains(Discuss)").toHaveCount(0);
});
