import json
import re

from odoo.tests import HttpCase, new_test_user, tagged

SCOPE = "/scoped_app/kpi"
COOKIE = "kpi_phone_user"


@tagged("post_install", "-at_install")
class TestPhoneApp(HttpCase):
    """The shell: what everybody gets, and nobody's data in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env, "phone", groups="kpi_base.kpi_base_group_user", password="phone-1"
        )

    def test_every_screen_has_the_same_page_for_everybody(self):
        pages = [self.url_open(f"{SCOPE}{path}") for path in ("", "/enter", "/kpi/7")]
        self.authenticate("phone", "phone-1")
        pages.append(self.url_open(SCOPE))
        for page in pages:
            self.assertEqual(page.status_code, 200)
            self.assertEqual(page.text, pages[0].text)
            policy = page.headers["Content-Security-Policy"]
            self.assertNotIn("unsafe-inline", policy.split("style-src-attr")[0])
        self.assertNotRegex(pages[0].text, r"<script(?![^>]* src=)")
        self.assertNotIn("phone-1", pages[0].text)

    def test_who_asks_for_the_shell_gets_no_session(self):
        for path in ("", "/worker.js", "/manifest.webmanifest"):
            with self.subTest(path):
                answer = self.opener.get(self.base_url() + SCOPE + path, cookies={})
                self.assertNotIn("session_id", answer.headers.get("Set-Cookie", ""))

    def test_the_worker_names_what_it_serves(self):
        worker = self.url_open(f"{SCOPE}/worker.js")
        self.assertEqual(worker.headers["Service-Worker-Allowed"], SCOPE)
        shell = json.loads(re.match(r"self\.kpiShell = (.*);\n", worker.text)[1])
        page = self.url_open(SCOPE)
        self.assertEqual(shell["version"], page.headers["X-Kpi-Shell"])
        self.assertEqual(len(shell["urls"]), 2)
        for url in shell["urls"]:
            self.assertIn(url, page.text)
            answer = self.url_open(url)
            self.assertEqual(answer.status_code, 200)
            # a style that does not compile is answered with another one
            self.assertNotIn("css_error_message", answer.text)

    def test_the_manifest_can_be_installed(self):
        answer = self.url_open(f"{SCOPE}/manifest.webmanifest")
        self.assertEqual(answer.headers["Content-Type"], "application/manifest+json")
        manifest = answer.json()
        self.assertEqual(manifest["start_url"], SCOPE)
        self.assertEqual(len(manifest["shortcuts"]), 4)
        for icon in manifest["icons"]:
            picture = self.url_open(icon["src"])
            self.assertTrue(picture.content.startswith(b"\x89PNG"), icon)
        self.assertIn("maskable", [icon["purpose"] for icon in manifest["icons"]])

    def test_the_browser_knows_whose_session_it_has(self):
        self.authenticate("phone", "phone-1")
        self.url_open("/web/login")
        name = f"{self.env.cr.dbname}-{self.user.id}"
        self.assertEqual(self.opener.cookies.get(COOKIE), name)

    def test_core_keeps_its_own_scoped_apps(self):
        self.authenticate("phone", "phone-1")
        answer = self.url_open("/scoped_app/discuss", allow_redirects=False)
        self.assertNotIn("X-Kpi-Shell", answer.headers)
