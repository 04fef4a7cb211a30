import threading

from odoo.tests import tagged
from odoo.tools import mute_logger

from ...controllers.prefix import PREFIXES
from .api_case import OwnCursorCase

HUGE = 100_000_000  # Odoo parses 128 MiB
MAX_BYTES = 8 * 2**20  # of a photo, and of rows in bulk
OWN = {"'none'", "'self'", "data:", "blob:"}
FORM = "multipart/form-data; boundary=x"


@tagged("post_install", "-at_install")
class TestRoutes(OwnCursorCase):
    """What holds for all our routes: how much they take, what their pages load."""

    def _find_routes(self):
        """Rules of ours; Odoo's own that we extend are left out."""
        threading.current_thread().dbname = self.cr.dbname  # whose routes are meant
        for rule in self.env["ir.http"].routing_map().iter_rules():
            module = rule.endpoint.func.__module__
            is_rpc = rule.endpoint.routing["type"] in ("jsonrpc", "json2")
            is_extended = "routes" not in rule.endpoint.original_routing
            is_ours = module.startswith("odoo.addons.kpi_") and not is_extended
            if is_ours and not is_rpc:
                yield rule

    def _find_public_pages(self):
        """Paths that strangers can ask for, and a method of each."""
        for rule in self._find_routes():
            routing = rule.endpoint.routing
            if routing["type"] == "http" and routing["auth"] in ("public", "none"):
                path = rule.build(dict.fromkeys(rule.arguments, 1))[1]
                yield path, "POST" if "POST" in routing["methods"] else "GET"

    def test_each_route_has_a_limit(self):
        rules = [*self._find_routes()]
        self.assertTrue(rules)
        for rule in rules:
            with self.subTest(path=rule.rule):
                limit = rule.endpoint.routing["max_content_length"]
                self.assertLessEqual(limit, MAX_BYTES)

    def test_forms_of_any_length_are_refused_by_their_header(self):
        """The body never comes: whoever waits for it would not answer."""
        pages = [*self._find_public_pages()]
        self.assertTrue(pages)
        for path, method in pages:
            with self.subTest(path=path, method=method):
                self.assertEqual(self._send(path, method).status_code, 413)

    @mute_logger("odoo.http")
    def _send(self, path, method):
        headers = {"Content-Length": str(HUGE), "Content-Type": FORM}
        return self.url_open(path, headers=headers, method=method, timeout=5)

    @mute_logger("odoo.http")
    def test_pages_load_pictures_and_frames_of_this_server_only(self):
        paths = [path for path, _method in self._find_public_pages()]
        paths += [f"{prefix}/docs" for prefix in PREFIXES]
        tried = 0
        for path in paths:
            answer = self.url_open(path)
            is_page = answer.headers["Content-Type"].startswith("text/html")
            if not is_page or answer.status_code == 405:
                continue
            tried += 1
            policy = answer.headers.get("Content-Security-Policy", "")
            sources = dict(
                part.split(maxsplit=1) for part in policy.split(";") if part.strip()
            )
            with self.subTest(path=path):
                self.assertEqual(sources["default-src"], "'none'")
                for kind in ("img-src", "frame-src", "child-src"):
                    allowed = set(sources.get(kind, "'none'").split())
                    self.assertLessEqual(allowed, OWN)
                for kind in ("base-uri", "frame-ancestors"):
                    self.assertEqual(sources[kind], "'none'")
        self.assertTrue(tried)
