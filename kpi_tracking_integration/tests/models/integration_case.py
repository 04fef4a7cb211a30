from unittest.mock import patch

from odoo.addons.kpi_tracking.tests.import_case import KpiImportCase

from ...adapters import GoogleSheets
from ..stand_ins import TOKEN

RANGE = "Actuals"
ROWS = [["KPI", "Month", "Value"], ["calls", "2026-01", 12.5], ["calls", "2026-02", 7]]


class IntegrationCase(KpiImportCase):
    """An officer, a KPI, and integrations of stand-ins that feed it."""

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

    def _track(self, definition, user):
        return self.env["kpi.report"].create(
            {
                "definition_id": definition.id,
                "company_id": self.company.id,
                "scope_type": "user",
                "user_id": user.id,
            }
        )
