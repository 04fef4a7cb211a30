import time
from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.web_server import reply

from ...adapters import GoogleSheets, HubSpot, adapter
from ...models import kpi_integration
from ..stand_ins import EndlessHubSpot, SheetsStandIn
from .integration_case import RANGE, ROWS, IntegrationCase


@tagged("post_install", "-at_install")
class TestKpiIntegrationJobs(IntegrationCase):
    """Each integration is a separate job; companies take turns."""

    def setUp(self):
        super().setUp()
        others = self.env["kpi.integration"].sudo().search([])
        others.write({"next_sync_at": False})
        self.other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        self.officer.sudo().company_ids |= self.other
        both = (self.company | self.other).ids
        self.env = self.env(context={"allowed_company_ids": both})

    def _make_due(self, company, **values):
        """An integration of a new KPI, due now."""
        kpis = self.env["kpi.definition"]
        code = f"fed_{kpis.sudo().search_count([])}"
        kpi = kpis.create(
            {
                "name": code,
                "code": code,
                "computation": "manual",
                "company_id": company.id,
            }
        )
        kpi._track_for("company", company)
        integration = self._make(
            definition_id=kpi.id, company_id=company.id, name=code, **values
        ).sudo()
        integration.write(
            {"sync_status": "active", "next_sync_at": fields.Datetime.now()}
        )
        return integration

    def _run_crons(self):
        self.env.flush_all()
        self.env["kpi.integration"].sudo()._cron_sync()

    def _assert_endless_is_alone(self, server, said):
        """Run an endless integration and one of another company, both due."""
        endless = self._make_due(
            self.company, integration_type="hubspot", settings={}, closed_count=0
        )
        endless.next_sync_at -= timedelta(hours=1)
        endless.wide_sync_at = fields.Datetime.now()
        sheet = self._make_due(self.other)
        rows = [row[1:] for row in ROWS]
        with (
            server,
            SheetsStandIn(**{RANGE: rows}) as sheets,
            patch.object(HubSpot, "origin", server.origin),
            patch.object(HubSpot, "pause", 0.0),
            patch.object(GoogleSheets, "origin", sheets.origin),
        ):
            started = time.monotonic()
            self._run_crons()
            self.assertLess(time.monotonic() - started, 30)
        self.assertEqual(endless.sync_status, "error")
        self.assertIn(said, endless.last_error)
        self.assertFalse(endless.import_ids)
        self.assertFalse(self._values_of(endless.definition_id.report_ids))
        self.assertFalse(sheet.last_error)
        self.assertEqual(
            self._values_of(sheet.definition_id.sudo().report_ids),
            {date(2026, 1, 1): 12.5, date(2026, 2, 1): 7},
        )
        jobs = self.env["kpi.job"].sudo().search([("kind", "=", "sync")])
        states = {job.integration_id: job.state for job in jobs}
        self.assertEqual(states, {endless: "failed", sheet: "done"})

    def test_a_list_without_an_end_holds_up_no_other(self):
        with patch.object(adapter, "MAX_PAGES", 8):
            self._assert_endless_is_alone(EndlessHubSpot(), "more than 8 pages")

    def test_a_page_that_comes_again_is_a_failure(self):
        self._assert_endless_is_alone(
            EndlessHubSpot(is_repeating=True), "the same page twice"
        )

    def test_a_vendor_without_an_end_is_stopped_after_its_time(self):
        with patch.object(kpi_integration, "MAX_RUN_SECONDS", 0.5):
            self._assert_endless_is_alone(
                EndlessHubSpot(pause=0.05), "took too long and was stopped"
            )

    def test_companies_take_turns_and_failures_come_last(self):
        mine = [self._make_due(self.company) for _number in range(3)]
        mine[0].sync_status = "error"
        theirs = [self._make_due(self.other) for _number in range(2)]
        order = []
        integrations = self.env["kpi.integration"]

        def note(integration):
            order.append(integration)
            integration.next_sync_at = False
            # the moment of a job has no fraction
            jobs = integration.env["kpi.job"].search([("state", "=", "running")])
            jobs.started_at += timedelta(seconds=len(order))

        with patch.object(self.registry["kpi.integration"], "_sync", note):
            self._run_crons()
        expected = [mine[1], theirs[0], mine[2], theirs[1], mine[0]]
        self.assertEqual(order, expected)
        self.assertEqual(integrations.concat(*order), integrations.concat(*expected))

    def test_who_asks_to_wait_has_not_failed(self):
        integration = self._make_due(self.company)
        with (
            SheetsStandIn(**{RANGE: ROWS}) as server,
            patch.object(GoogleSheets, "origin", server.origin),
        ):
            server.next_answers = [reply(429, Retry_After="720")]
            self._run_crons()
        job = self.env["kpi.job"].sudo().search([("kind", "=", "sync")])
        self.assertEqual(job.mapped("state"), ["done"])
        self.assertEqual(job.integration_id, integration)
        # officers see that a job ran, not whose system it read
        self.assertEqual(job.name, "Sync: Google Sheets")

    def test_computations_do_not_wait_for_other_systems(self):
        self._make_due(self.company)
        jobs = self.env["kpi.job"].sudo()
        jobs._queue_syncs(self.env["kpi.integration"].sudo())
        for lane in (1, 2):
            kinds = jobs.search(jobs._get_lane_domain(lane)).mapped("kind")
            self.assertNotIn("sync", kinds)
