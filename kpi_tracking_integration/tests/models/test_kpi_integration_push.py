from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.web_server import reply

from ...adapters import PowerBi
from ..stand_ins import GUID, PowerBiStandIn, TableauStandIn
from .integration_case import IntegrationCase

DATASET = {
    name: GUID % number
    for number, name in enumerate(("tenant", "client", "workspace", "dataset"), 1)
}


@tagged("post_install", "-at_install")
class TestKpiIntegrationPush(IntegrationCase):
    """BI tools are told when values changed, and no more often."""

    def _make_push(self, **values):
        given = {
            "integration_type": "power_bi",
            "settings": DATASET,
            "definition_id": False,
            "sync_frequency": "real_time",
        }
        integration = self._make(**{**given, **values})
        integration.action_turn_on()
        return integration

    def _record(self, report, value):
        rows = [(report.id, date(2026, 1, 1), value)]
        self.env["kpi.measurement"].sudo()._upsert("month", rows, source="manual")

    def _run_power_bi(self, integration, server):
        with patch.multiple(PowerBi, origin=server.origin, login=server.origin):
            integration.sudo()._sync()
        self.assertFalse(integration.last_error)

    def test_a_dataset_is_refreshed_when_its_kpis_changed(self):
        other = self._kpi("others", "Others")
        integration = self._make_push(watched_ids=self.calls.definition_id.ids)
        with PowerBiStandIn() as server:
            self._run_power_bi(integration, server)
            self.assertEqual(server.refreshes, 1, "at first it is read whole")
            calls = len(server.received)
            self._record(other, 5)
            self._run_power_bi(integration, server)
            self.assertEqual(len(server.received), calls, "nobody is called in vain")
            for value, count in ((7, 2), (7, 2), (8, 3)):
                self._record(self.calls, value)
                self._run_power_bi(integration, server)
                self.assertEqual(server.refreshes, count)
            facts = self.env["kpi.measurement"].search(
                [("report_id", "=", self.calls.id)]
            )
            facts._remove("Wrong")
            self._run_power_bi(integration, server)
            self.assertEqual(server.refreshes, 4)
            # asked for, it is refreshed whether or not anything changed
            self._run_power_bi(integration, server)
            integration.action_sync()
            self._run_power_bi(integration, server)
            self.assertEqual(server.refreshes, 5)

    def test_no_more_than_eight_refreshes_a_day(self):
        for frequency, pause in (
            ("real_time", timedelta(hours=3)),
            ("hourly", timedelta(hours=3)),
            ("daily", timedelta(days=1)),
        ):
            with PowerBiStandIn() as server:
                integration = self._make_push(sync_frequency=frequency)
                self._run_power_bi(integration, server)
            wait = integration.next_sync_at - fields.Datetime.now()
            self.assertLessEqual(abs(wait - pause), timedelta(minutes=1))

    def test_a_dataset_that_refuses_is_said_and_asked_again(self):
        integration = self._make_push()
        with PowerBiStandIn() as server:
            server.secret = "another"
            with patch.multiple(PowerBi, origin=server.origin, login=server.origin):
                integration.sudo()._sync()
            self.assertEqual(
                integration.last_error,
                "Power BI rejected your app. Check its ID and secret.",
            )
            self.assertEqual(integration.sync_status, "error")
            server.secret = PowerBiStandIn.secret
            server.next_answers = [reply(429, Retry_After="3600")]
            with patch.multiple(PowerBi, origin=server.origin, login=server.origin):
                integration.sudo()._sync()
            self.assertRegex(integration.last_error, "^Power BI asked Odoo to wait ")
            self._run_power_bi(integration, server)
            self.assertEqual(server.refreshes, 1)

    def test_an_extract_is_refreshed(self):
        with TableauStandIn() as server:
            settings = {"server": server.origin, "site": "nordwind"}
            settings |= {"token": "kpi", "source": GUID % 6}
            integration = self._make_push(integration_type="tableau", settings=settings)
            integration.sudo()._sync()
            self.assertFalse(integration.last_error)
            self.assertEqual(server.refreshes, 1)
        integration.settings = {**settings, "site": "south"}
        self.assertTrue(integration._read_secret("api_credentials"))
        integration.settings = {**settings, "server": "https://tableau.example.com"}
        self.assertFalse(integration._read_secret("api_credentials"))

    def test_what_reads_values_needs_the_kpi_that_they_go_to(self):
        with self.assertRaisesRegex(ValidationError, "Choose the KPI"):
            self._make(definition_id=False)
