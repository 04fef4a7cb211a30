import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, queryAllTexts, test, waitFor } from "@odoo/hoot";
import {
    contains,
    defineActions,
    defineMenus,
    defineModels,
    fields,
    getService,
    models,
    mountWithCleanup,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

class Order extends models.Model {
    _name = "x_order";
    name = fields.Char();
    _records = [{ id: 1, name: "A" }];
    _views = { list: `<list><field name="name" /></list>`, form: `<form />` };
}

const action = (id, name, view = "list") => ({
    id,
    name,
    res_model: "x_order",
    type: "ir.actions.act_window",
    views: [[false, view]],
});

const menu = (id, actionID, children = [], xmlid = `kpi_base.menu_${id}`) => ({
    id,
    name: `Menu ${id}`,
    appID: 1,
    actionID,
    children,
    xmlid,
});

defineMailModels();
defineModels([Order]);
defineActions([2, 3, 4, 5, 6].map((id) => action(id, `Screen ${id}`)));
defineMenus(
    [
        menu(1, 2, [
            menu(2, 2, [menu(3, 3), menu(4, 4)]),
            // of another addon: what lies below is in the menu
            menu(5, 5, [menu(6, 6)], "crm.menu"),
        ]),
    ],
    { mode: "replace" },
);

async function openSection(id) {
    await contains(`.o_menu_sections [data-section='${id}']`).click();
}

test.tags("desktop");
test("what lies below a menu with a screen is a tab of it", async () => {
    await mountWithCleanup(WebClient);
    await openSection(2);
    await waitFor(".o_kpi_menu_tabs");
    expect(".o_menu_sections [data-menu-xmlid='kpi_base.menu_3']").toHaveCount(0);
    expect(queryAllTexts(".o_kpi_menu_tabs a")).toEqual(["Menu 2", "Menu 3", "Menu 4"]);
    expect(".o_kpi_menu_tabs [aria-current=page]").toHaveText("Menu 2");

    await contains(".o_kpi_menu_tabs a:contains(Menu 4)").click();
    await waitFor(".o_breadcrumb:contains(Screen 4)");
    expect(".o_kpi_menu_tabs [aria-current=page]").toHaveText("Menu 4");
});

test.tags("desktop");
test("a screen below another one has no tabs", async () => {
    await mountWithCleanup(WebClient);
    await getService("action").doAction(2);
    await getService("action").doAction(3);
    expect(".o_breadcrumb").toHaveText("Screen 2\nScreen 3");
    expect(".o_kpi_menu_tabs").toHaveCount(0);
});

test.tags("desktop");
test("menus of other addons stay as they are", async () => {
    await mountWithCleanup(WebClient);
    await openSection(5);
    expect(".o-dropdown--menu [data-menu-xmlid='kpi_base.menu_6']").toHaveCount(1);
    await contains(".o-dropdown--menu [data-menu-xmlid='kpi_base.menu_6']").click();
    expect(".o_kpi_menu_tabs").toHaveCount(0);
});
