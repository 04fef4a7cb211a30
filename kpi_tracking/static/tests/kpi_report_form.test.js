import { expect, test } from "@odoo/hoot";
import { Component, xml } from "@odoo/owl";
import { contains, mountWithCleanup } from "@web/../tests/web_test_helpers";
import {
    contains as containsSoon,
    defineMailModels,
    openFormView,
    patchUiSize,
    SIZES,
    start,
    startServer,
} from "@mail/../tests/mail_test_helpers";
import { ChatterLink } from "@kpi_tracking/screens/chatter_link/chatter_link";

defineMailModels();

/** A form with the way to its chatter. */
class Page extends Component {
    static template = xml`
        <div class="o_form_renderer">
            <ChatterLink readonly="false" record="props.record" />
            <div class="o-mail-Form-chatter"><button>Send message</button></div>
        </div>`;
    static components = { ChatterLink };
    static props = ["*"];
}

test("the way to the chatter says how much is in it", async () => {
    const record = { data: { standing: { messages: { said: 3, log: 12 } } } };
    await mountWithCleanup(Page, { props: { record } });
    expect(".o_kpi_chatter_link").toHaveText("Messages 3 · Log 12");
    await contains(".o_kpi_chatter_link").click();
    expect(".o-mail-Form-chatter").toBeFocused();
});

test("before anything is known of the chatter there is nothing in it", async () => {
    await mountWithCleanup(Page, { props: { record: { data: { standing: false } } } });
    expect(".o_kpi_chatter_link").toHaveText("Messages 0 · Log 0");
});

test.tags("desktop");
test("however wide the screen, the chatter is below the sheet", async () => {
    patchUiSize({ size: SIZES.XXL });
    const pyEnv = await startServer();
    const id = pyEnv["res.partner"].create({ name: "Anna" });
    await start();
    await openFormView("res.partner", id, {
        arch: `
            <form js_class="kpi_report_form">
                <sheet><field name="name"/></sheet>
                <chatter/>
            </form>`,
    });
    await containsSoon(".o-mail-Form-chatter");
    await containsSoon(".o-mail-Form-chatter.o-aside", { count: 0 });
    expect(".o_form_renderer").toHaveClass("flex-column");
    expect(".o_form_renderer").not.toHaveClass("flex-nowrap");
    expect(".o_form_view").not.toHaveClass("o_xxl_form_view");
});
