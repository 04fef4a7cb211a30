import { expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts } from "@odoo/hoot-dom";
import { contains, mockService, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { homePanels } from "@kpi_tracking/home/home_panels";

defineMailModels();

const TILE = { span: 6, height: 1, status: "", values: [] };
const DASHBOARDS = [
    {
        id: 5,
        name: "Sales board",
        is_favorite: true,
        tiles: [
            { ...TILE, kind: "gauge", status: "off_target" },
            { ...TILE, kind: "bar", values: [1, 3, 2] },
            { ...TILE, kind: "from another addon" },
        ],
    },
    { id: 4, name: "People", is_favorite: false, tiles: [] },
];

async function mountPanel(key, content) {
    const doAction = (action, options) =>
        expect.step([action.res_id || action.tag || action, options?.props?.resId]);
    mockService("action", { doAction });
    const { component } = homePanels.get(`kpi_tracking_dashboard.${key}`);
    await mountWithCleanup(component, { props: { content } });
}

test("the overview shows dashboards small, each a way to it", async () => {
    await mountPanel("dashboards", DASHBOARDS);
    expect(queryAllTexts(".o_kpi_home_board")).toEqual(["Sales board", "People"]);
    expect(".o_kpi_home_board:first .fa-star").toHaveCount(1);
    const tiles = queryAll(".o_kpi_home_board:first .o_kpi_thumbnail_tile");
    expect(tiles).toHaveLength(3);
    expect(tiles[0]).toHaveClass("o_kpi_status_danger");
    expect(tiles[1].querySelectorAll("rect")).toHaveLength(3);
    expect(tiles[0].style.gridColumn).toBe("span 6");
    await contains(".o_kpi_home_board:contains(People)").click();
    expect.verifySteps([["kpi_tracking_dashboard.dashboard", 4]]);
});

test("recent notes lead to their KPI", async () => {
    const note = { id: 1, text: "New prices", date: "2026-10-05", report_id: 9 };
    await mountPanel("notes", [{ ...note, kpi: "Revenue", author: "Ada Roy" }]);
    expect(".o_kpi_home_row small").toHaveText(/Revenue · Ada Roy · .*5/);
    await contains(".o_kpi_home_row").click();
    expect.verifySteps([[9, undefined]]);
});
