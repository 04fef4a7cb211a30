from odoo.exceptions import AccessError
from odoo.tests import HOST, HttpCase, new_test_user, tagged

BUNDLE = "web.assets_web_dark"
OURS = "/kpi_base/static/src/dark/"


@tagged("post_install", "-at_install")
class TestColorScheme(HttpCase):
    """The web client is light or dark as each person chooses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "ella.dark", groups="base.group_user")
        settings = cls.env["res.users.settings"]
        cls.settings = settings._find_or_create_for_user(cls.user)

    def _open(self):
        self.env.flush_all()
        return self.url_open("/odoo").text

    def _find_dark_files(self):
        self.env.registry.clear_cache("assets")
        self.addCleanup(self.env.registry.clear_cache, "assets")
        paths = [path for path, *_ in self.env["ir.asset"]._get_asset_paths(BUNDLE, {})]
        primary = paths.index("/web/static/src/scss/primary_variables.scss")
        return [path for path in paths[:primary] if path.startswith(OURS)]

    def test_page_and_cookie_are_as_chosen(self):
        cases = (  # chosen, cookie of the browser, what the page is
            ("dark", None, "dark"),
            ("dark", "light", "dark"),
            ("light", "dark", "light"),
            ("device", "dark", "dark"),
            ("device", "light", "light"),
            ("device", None, "light"),  # its script asks the device, and comes again
            ("device", "blue", "light"),
        )
        for chosen, cookie, scheme in cases:
            with self.subTest(chosen=chosen, cookie=cookie):
                self.authenticate("ella.dark", "ella.dark")
                self.settings.kpi_color_scheme = chosen
                self.opener.cookies.pop("color_scheme", None)
                if cookie:
                    self.opener.cookies.set("color_scheme", cookie, domain=HOST)
                page = self._open()
                self.assertEqual(BUNDLE in page, scheme == "dark")
                self.assertEqual(self.opener.cookies.get("color_scheme"), scheme)
                self.assertEqual("prefers-color-scheme" in page, chosen == "device")

    def test_who_has_not_chosen_follows_the_device(self):
        self.assertEqual(self.settings.kpi_color_scheme, "device")

    def test_people_choose_for_themselves_alone(self):
        own = self.settings.with_user(self.user)
        own.set_res_users_settings({"kpi_color_scheme": "dark"})
        self.assertEqual(self.settings.kpi_color_scheme, "dark")
        other = new_test_user(self.env, "otto.light", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.settings.with_user(other).set_res_users_settings(
                {"kpi_color_scheme": "light"}
            )

    def test_variables_come_before_those_of_odoo(self):
        self.assertEqual(self._find_dark_files(), [f"{OURS}variables.scss"])

    def test_another_addon_that_answers_has_the_word(self):
        self.settings.kpi_color_scheme = "light"
        self.patch(self.registry["ir.http"], "color_scheme", lambda self: "dark")
        self.authenticate("ella.dark", "ella.dark")
        page = self._open()
        self.assertIn(BUNDLE, page)
        self.assertNotIn("kpi_color_scheme", page)
        self.assertIsNone(self.opener.cookies.get("color_scheme"))
        self.assertEqual(self._find_dark_files(), [])
