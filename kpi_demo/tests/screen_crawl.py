"""Opens the screens of the demo company one after another, for an ``HttpCase``."""

import json

from odoo.addons.kpi_base.tests.common import some_of

SHARE = 12  # of the screens, by default
SECONDS = 3600
# Each screen in the same web client, and its first record.
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
    const found = new Set();
    const look = async (screen) => {
        for (const it of await check()) {
            found.add(`${screen}: ${it}`);
        }
    };
    const { env } = odoo.__WOWL_DEBUG__.root;
    for (const [id, screen] of SCREENS) {
        await env.services.action.doAction(id, { clearBreadcrumbs: true });
        await settle();
        await look(screen);
        // a sample, which stands where nothing is, leads to no record
        const record = document.querySelector(
            ":is(.o_data_row .o_data_cell, .o_kanban_record:not(.o_kanban_ghost))" +
                ":not(.o_view_sample_data *)"
        );
        if (record) {
            record.click();
            await settle();
            await look(`${screen}, its first record`);
        }
        document.querySelector(".modal .btn-close")?.click();
    }
    await env.services.action.doAction("kpi_tracking.kpi_home_action");
    if (found.size) {
        console.error([...found].join("\\n"));
    } else {
        console.log("test successful");
    }
})();
"""


class ScreenCrawl:
    """Opens the actions of all menus of the suite, as the administrator sees them.

    By default a share of them; all in long tests.
    """

    # a form that was opened stays so
    allow_end_on_form = True

    def setUp(self):
        super().setUp()
        self.admin = self.env["res.users"].search([("login", "=", "admin")])
        self.admin.tour_enabled = False

    def _find_screens(self):
        """Pairs of an action and of the menu that opens it, in a stable order."""
        menus = self.env["ir.ui.menu"].with_user(self.admin).load_web_menus(False)
        screens = {
            menu["actionID"]: menu["xmlid"]
            for menu in menus.values()
            if menu.get("actionID") and str(menu.get("xmlid")).startswith("kpi_")
        }
        self.assertGreater(len(screens), 50)
        return sorted(screens.items())

    def _crawl(self, check, name, share=SHARE):
        """Refuse what ``check()`` finds on a screen.

        :param check: JavaScript that defines it; it may be asynchronous
        :param name: of what is checked: another one opens other screens by default
        :param share: of the screens, by default
        """
        screens = some_of(self._find_screens(), name, share)
        self.browser_js(
            "/odoo",
            f"const SCREENS = {json.dumps(screens)};\n{check}\n{CRAWL}",
            "odoo.isReady === true",
            login="admin",
            timeout=SECONDS,
        )
