import threading

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

HUGE = 100_000_000  # Odoo parses 128 MiB
MAX_BYTES = 8 * 2**20  # of a photo, and of rows in bulk
FORM = "multipart/form-data; boundary=x"


@tagged("post_install", "-at_install")
class TestBodyLimits(HttpCase):
    """Nothing that a stranger sends is parsed before its length is known."""

    def _find_routes(self):
        """Rules of ours; Odoo's own that we extend are left out."""
        threading.current_thread().dbname = self.cr.dbname  # whose routes are meant
        for rule in self.env["ir.http"].routing_map().iter_rules():
            module = rule.endpoint.func.__module__
            kind = rule.endpoint.routing["type"]
            if module.startswith("odoo.addons.kpi_") and kind not in (
                "jsonrpc",
                "json2",
            ):
                yield rule

    def test_each_route_has_a_limit(self):
        rules = [*self._find_routes()]
        self.assertTrue(rules)
        for rule in rules:
            with self.subTest(path=rule.rule):
                limit = rule.endpoint.routing["max_content_length"]
                self.assertLessEqual(limit, MAX_BYTES)

    def test_forms_of_any_length_are_refused_by_their_header(self):
        """The body never comes: whoever waits for it would not answer."""
        tried = 0
        for rule in self._find_routes():
            routing = rule.endpoint.routing
            is_public = routing["auth"] in ("public", "none")
            if routing["type"] != "http" or not is_public:
                continue
            tried += 1
            arguments = dict.fromkeys(rule.arguments, 1)
            path = rule.build(arguments, append_unknown=False)[1]
            method = "POST" if "POST" in routing["methods"] else "GET"
            with self.subTest(path=path, method=method):
                self.assertEqual(self._send(path, method).status_code, 413)
        self.assertTrue(tried)

    @mute_logger("odoo.http")
    def _send(self, path, method):
        headers = {"Content-Length": str(HUGE), "Content-Type": FORM}
        return self.url_open(path, headers=headers, method=method, timeout=5)
