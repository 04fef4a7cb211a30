import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { contains, mockService, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { homePanels } from "@kpi_tracking/home/home_panels";

defineMailModels();

const DASHBOARDS = [
    { id: 5, name: "Sales board", is_favorite: true },
    { id: 4, name: "People", is_favorite: false },
];

test("the overview lists dashboards, each a way to it", async () => {
    const doAction = (action, { props }) => expect.step([action, props.resId]);
    mockService("action", { doAction });
    const { component } = homePanels.get("kpi_tracking_dashboard.dashboards");
    await mountWithCleanup(component, { props: { content: DASHBOARDS } });
    expect(queryAllTexts(".o_kpi_home_row")).toEqual(["Sales board", "People"]);
    expect(".o_kpi_home_row:first .fa-star").toHaveCount(1);
    await contains(".o_kpi_home_row:contains(People)").click();
    expect.verifySteps([["kpi_tracking_dashboard.dashboard", 4]]);
});
