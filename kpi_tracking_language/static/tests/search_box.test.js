import { expect, test } from "@odoo/hoot";
import {
    contains,
    makeMockEnv,
    mockService,
    mountWithCleanup,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { browser } from "@web/core/browser/browser";
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

test("without earlier questions an example is offered", async () => {
    patchWithCleanup(browser.localStorage, { getItem: () => earlier });
    let earlier = null;
    const env = await makeMockEnv();
    const { provide } = registry.category("command_provider").get("kpi_questions");
    const said = (searchValue) => provide(env, { searchValue }).map(({ name }) => name.toString());
    expect(said("")).toEqual(["Which KPIs are off track?"]);
    expect(said("Orders")).toEqual(["Ask “Orders”"]);
    earlier = JSON.stringify(["Orders by team"]);
    expect(said("")).toEqual(["Orders by team", "Which KPIs are off track?"]);
    expect(said("Orders")).toEqual(["Ask “Orders”", "Orders by team"]);
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
