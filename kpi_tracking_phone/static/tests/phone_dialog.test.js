import { expect, test } from "@odoo/hoot";
import { contains, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { UserMenu } from "@web/webclient/user_menu/user_menu";
import { MainComponentsContainer } from "@web/core/main_components_container";
import { findCode } from "@kpi_tracking_phone/eager/phone_dialog";

defineMailModels();

test.tags("desktop");
test("the menu of the user leads a phone's camera to the app", async () => {
    await mountWithCleanup(MainComponentsContainer);
    await mountWithCleanup(UserMenu);
    await contains("button.dropdown-toggle").click();
    await contains("[data-menu=kpi_phone]").click();
    expect(".modal-title").toHaveText("KPIs on Your Phone");
    expect(".modal p:last").toHaveText(/\/scoped_app\/kpi$/);
    const code = findCode("https://odoo.example/scoped_app/kpi");
    expect(code).toInclude("barcode_type=QR");
    expect(code).toInclude(encodeURIComponent("https://odoo.example/scoped_app/kpi"));
});
