import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { after, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import {
    contains,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { UserMenu } from "@web/webclient/user_menu/user_menu";

defineMailModels();

async function open(chosen) {
    user.updateUserSettings("kpi_color_scheme", chosen);
    after(() => user.updateUserSettings("kpi_color_scheme", undefined));
    await mountWithCleanup(UserMenu);
    await contains(".o_user_menu button").click();
}

test.tags("desktop");
test("colours are chosen in the menu of the user; the page comes anew", async () => {
    onRpc("res.users.settings", "set_res_users_settings", ({ kwargs }) => {
        expect.step(kwargs.new_settings);
        return kwargs.new_settings;
    });
    patchWithCleanup(browser.location, { reload: () => expect.step("reload") });
    await open("device");
    expect(queryAllTexts("[aria-label='Color scheme'] button")).toEqual([
        "Light",
        "Dark",
        "Device",
    ]);
    expect("[aria-label='Color scheme'] [aria-pressed=true]").toHaveText("Device");
    await contains("[aria-label='Color scheme'] button:contains(Dark)").click();
    expect.verifySteps([{ kpi_color_scheme: "dark" }, "reload"]);
});

test.tags("desktop");
test("where another addon says light or dark there is no choice of ours", async () => {
    await open(undefined);
    expect(".o_user_menu_mobile, .o-dropdown-item").not.toHaveCount(0);
    expect("[aria-label='Color scheme']").toHaveCount(0);
});
