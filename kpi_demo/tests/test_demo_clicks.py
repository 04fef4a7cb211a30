from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.common import LONG, is_in_sample

LOGINS = ("admin", "demo.manager", "demo.employee")
START = """odoo.loader.modules.get("@web/webclient/clickbot/clickbot_loader")
    .startClickEverywhere("{app}", {light})"""
SECONDS = 1800
SHARE = 6  # each opens a web client


@tagged("post_install", "-at_install")
class TestDemoClicks(HttpCase):
    """Odoo's clickbot finds no error on any screen of the suite.

    By default it opens the menus of a sixth of the apps and people; in long tests also
    all views and filters, of all.
    """

    # a form that was opened stays so
    allow_end_on_form = True

    def test_each_app(self):
        users = self.env["res.users"].search([("login", "in", LOGINS)])
        self.assertEqual(len(users), len(LOGINS))
        users.tour_enabled = False
        for user in users:
            menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
            apps = [menus[app]["xmlid"] for app in menus["root"]["children"]]
            for app in apps:
                if not app.startswith("kpi_") or not is_in_sample(
                    user.login + app, SHARE
                ):
                    continue
                with self.subTest(login=user.login, app=app):
                    self.browser_js(
                        "/odoo",
                        START.format(app=app, light=str(not LONG).lower()),
                        "odoo.isReady === true",
                        login=user.login,
                        timeout=SECONDS,
                        success_signal="clickbot test succeeded",
                    )
