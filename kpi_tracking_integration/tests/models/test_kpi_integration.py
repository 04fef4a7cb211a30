from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.import_case import KpiImportCase

from ...adapters import GoogleSheets
from ..stand_ins import TOKEN, SheetsStandIn

RANGE = "Actuals"
ROWS = [["KPI", "Month", "Value"], ["calls", "2026-01", 12.5], ["calls", "2026-02", 7]]


@tagged("post_install", "-at_install")
class TestKpiIntegration(KpiImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        parameters = cls.env["ir.config_parameter"].sudo()
        parameters.set_param("kpi_base.outgoing_hosts", "127.0.0.1")
        cls.startClassPatcher(
            patch(
                "odoo.addons.base.models.ir_cron.IrCron._commit_progress",
                lambda *_a, **_k: 1,
            )
        )

    def _make(self, **values):
        return self.env["kpi.integration"].create(
            {
                "name": "Calls of the hotline",
                "integration_type": "google_sheets",
                "definition_id": self.calls.definition_id.id,
                "api_credentials": TOKEN,
                "settings": {"spreadsheet": "s" * 30, "range": RANGE},
                "company_id": self.company.id,
                **values,
            }
        )

    def _sync(self, integration, server):
        with patch.object(GoogleSheets, "origin", server.origin):
            integration.sudo()._sync()

    def test_a_sheet_becomes_values_and_its_corrections_follow(self):
        integration = self._make()
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            self._sync(integration, server)
            self.assertFalse(integration.last_error)
            january, february = date(2026, 1, 1), date(2026, 2, 1)
            self.assertEqual(self._values_of(self.calls), {january: 12.5, february: 7})
            self.assertEqual(integration.sync_status, "active")
            self.assertEqual(
                integration.next_sync_at - integration.last_sync, timedelta(days=1)
            )
            server.sheets["s" * 30][RANGE] = [*ROWS[:2], ["calls", "2026-02", 8]]
            self._sync(integration, server)
        self.assertEqual(self._values_of(self.calls), {january: 12.5, february: 8})
        first, second = integration.import_ids.sorted("id")
        self.assertEqual((first.added_count, second.changed_count), (2, 1))
        self.assertEqual(second.equal_count, 1)
