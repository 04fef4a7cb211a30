import { expect, test } from "@odoo/hoot";
import {
    contains,
    makeMockEnv,
    mockService,
    mountWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { registry } from "@web/core/registry";
import { SearchBox } from "@kpi_tracking_language/eager/search_box/search_box";

defineMailModels();

test.tags("desktop");
test("the field in the bar opens the palette for questions", async () => {
    mockService("command", {
        openMainPalette: ({ searchValue }) => expect.step(searchValue),
    });
    await mountWithCleanup(SearchBox);
    expect(".o_kpi_search_box").toHaveAttribute("aria-label", "Search or ask a question");
    await contains(".o_kpi_search_box").click();
    expect.verifySteps(["?"]);
});

test("the bars of other apps keep their room", async () => {
    let xmlid = "kpi_base.kpi_menu_root";
    mockService("menu", { getCurrentApp: () => xmlid && { xmlid } });
    const env = await makeMockEnv();
    const { isDisplayed } = registry.category("systray").get("kpi_tracking_language.search_box");
    expect(isDisplayed(env)).toBe(true);
    xmlid = "sale.sale_menu_root";
    expect(isDisplayed(env)).toBe(false);
    xmlid = "";
    expect(isDisplayed(env)).toBe(false);
});
