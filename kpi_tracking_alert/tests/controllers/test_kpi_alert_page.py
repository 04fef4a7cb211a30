import re
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.kpi_base.models.rest.kpi_api_counter import KpiApiCounter
from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase

from ..models.routing_case import RoutingCase

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@tagged("post_install", "-at_install")
class TestKpiAlertPage(RoutingCase, OwnCursorCase):
    """A link in a message: looking does nothing, its button acknowledges."""

    def setUp(self):
        super().setUp()
        self.rule = self._rule(self.revenue, auto_escalation=True)
        self.rule.name = "Below <b>target</b>"
        self.event = self._fired(self.rule, self.revenue)
        self._sweep()
        link = self.event._get_acknowledge_link(self.officer)
        self.path = link.removeprefix(self.event.get_base_url())

    def _open(self, path=None, **more):
        return self.url_open(path or self.path, **more)

    def _acknowledge(self, path=None):
        page = self._open(path)
        (token,) = TOKEN.findall(page.text)
        return self._open(path, data={"csrf_token": token})

    def test_looking_does_nothing(self):
        for method in ("GET", "HEAD", "OPTIONS"):
            with self.subTest(method=method):
                self.assertEqual(self._open(method=method).status_code, 200)
                self.assertEqual(self.event.state, "firing")
        page = self._open()
        self.assertIn("Revenue", page.text)
        self.assertIn("Below &lt;b&gt;target&lt;/b&gt;", page.text)
        self.assertIn("form-action 'self'", page.headers["Content-Security-Policy"])

    def test_the_button_acknowledges_and_stops_the_escalation(self):
        page = self._acknowledge()
        self.assertEqual(page.status_code, 200)
        self.assertIn("officer has acknowledged this alert", page.text)
        self.assertNotIn("csrf_token", page.text)
        self.env.invalidate_all()
        self.assertEqual(self.event.state, "acknowledged")
        self.assertEqual(self.event.acknowledged_by_id, self.officer)
        with self._later(hours=2):
            self.assertFalse(self._sweep())

    def test_no_button_without_the_token_of_its_page(self):
        for data in ({}, {"csrf_token": "x"}):
            with self.subTest(data=data):
                answer = self._open(data={"x": "y", **data})
                self.assertEqual(answer.status_code, 400)
                self.assertEqual(self.event.state, "firing")

    def test_links_that_open_nothing(self):
        other = self.event._get_acknowledge_link(self.user)
        outside = other.removeprefix(self.event.get_base_url())
        text = self.path.rpartition("/")[2]
        paths = (
            outside,  # they may not see the KPI
            f"/kpi/alert/{text[:-2]}AA",
            f"/kpi/alert/{text[:20]}",
            "/kpi/alert/x",
            "/kpi/alert/é",
            "/kpi/alert/AQ",
        )
        for path in paths:
            with self.subTest(path=path):
                page = self._open(path)
                self.assertEqual(page.status_code, 404)
                self.assertNotIn("Revenue", page.text)

    def test_a_link_ends_with_the_rights_of_its_person(self):
        self.officer.active = False
        self.assertEqual(self._open().status_code, 404)

    def test_a_link_to_what_has_ended_says_so(self):
        self.event._resolve("corrected", "It was 95.")
        page = self._open()
        self.assertEqual(page.status_code, 200)
        self.assertIn("The value was corrected. It was 95.", page.text)
        self.assertNotIn("csrf_token", page.text)

    def test_a_deleted_alert(self):
        self.event.unlink()
        self.assertEqual(self._open().status_code, 404)

    def test_too_many_visits(self):
        with patch.object(KpiApiCounter, "_take", lambda *_args: 7.5):
            page = self._open()
        self.assertEqual(page.status_code, 429)
        self.assertEqual(page.headers["Retry-After"], "8")
