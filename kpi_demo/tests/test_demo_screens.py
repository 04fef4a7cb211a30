import json

from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.common import some_of

READERS = ("en_US", "en_GB", "de_DE")
SHARE = 12  # of the screens and readers that are tried by default
SECONDS = 3600
# Opens one screen after another in the same web client, and its first record.
CRAWL = """
(async () => {
    const { rpcBus } = odoo.loader.modules.get("@web/core/network/rpc");
    const open = new Set();
    rpcBus.addEventListener("RPC:REQUEST", (ev) => open.add(ev.detail.data.id));
    rpcBus.addEventListener("RPC:RESPONSE", (ev) => open.delete(ev.detail.data.id));
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const settle = async () => {
        let quiet = 0;
        for (let turn = 0; turn < 600 && quiet < 4; turn++) {
            await pause(50);
            quiet = open.size ? 0 : quiet + 1;
        }
    };
    const digits = /(?<![\\w.\\/-])\\d{1,2}[\\/.]\\d{1,2}[\\/.]20\\d\\d(?![\\w])/g;
    const percents = %(percents)s;
    const found = [];
    const check = (screen) => {
        const text = document.body.innerText;
        for (const pattern of [digits, percents]) {
            for (const hit of text.matchAll(pattern)) {
                const at = hit.index;
                found.push(`${screen}: ${text.slice(Math.max(0, at - 40), at + 30)}`);
            }
        }
    };
    const { env } = odoo.__WOWL_DEBUG__.root;
    for (const [id, screen] of %(screens)s) {
        await env.services.action.doAction(id, { clearBreadcrumbs: true });
        await settle();
        check(screen);
        // a sample, which stands where nothing is, leads to no record
        const record = document.querySelector(
            ":is(.o_data_row .o_data_cell, .o_kanban_record:not(.o_kanban_ghost))" +
                ":not(.o_view_sample_data *)"
        );
        if (record) {
            record.click();
            await settle();
            check(`${screen}, its first record`);
        }
        document.querySelector(".modal .btn-close")?.click();
    }
    await env.services.action.doAction("kpi_tracking.kpi_home_action");
    const lines = [...new Set(found)];
    if (lines.length) {
        console.error(lines.join("\\n"));
    } else {
        console.log("test successful");
    }
})();
"""


@tagged("post_install", "-at_install")
class TestDemoScreens(HttpCase):
    """No screen shows a day of digits, or a percent as another language writes it.

    By default a sample of the screens is opened by each reader; all in long tests.
    """

    # a form that was opened stays so
    allow_end_on_form = True

    def test_days_and_percents_on_screens(self):
        admin = self.env["res.users"].search([("login", "=", "admin")])
        admin.tour_enabled = False
        menus = self.env["ir.ui.menu"].with_user(admin).load_web_menus(False)
        screens = {
            menu["actionID"]: menu["xmlid"]
            for menu in menus.values()
            if menu.get("actionID") and str(menu.get("xmlid")).startswith("kpi_")
        }
        self.assertGreater(len(screens), 50)
        for code in READERS:
            self.env["res.lang"]._activate_lang(code)
            admin.lang = code
            english = code.startswith("en")
            values = {
                # Terms and what the demo's people wrote are English.
                "percents": r"/\d[ \u00a0\u202f]%/g" if english else r"/,\d+%/g",
                "screens": json.dumps(some_of(sorted(screens.items()), code, SHARE)),
            }
            with self.subTest(lang=code):
                self.browser_js(
                    "/odoo",
                    CRAWL % values,
                    "odoo.isReady === true",
                    login="admin",
                    timeout=SECONDS,
                )
