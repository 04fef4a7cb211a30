from datetime import date
from unittest.mock import patch
from urllib.parse import quote

from odoo.tests import HttpCase, new_test_user, tagged

from ..stand_ins import WebStandIn

OFFICER = "kpi_base.kpi_base_group_officer"


class KeyedStandIn(WebStandIn):
    """A document for senders of a header with a key."""

    token = None

    def answer(self, method, path, query, body):
        if self.received[-1].headers.get("x-api-key") != "s3cret-key":
            return 401, {"message": "no key"}
        return super().answer(method, path, query, body)


@tagged("post_install", "-at_install")
class TestKpiIntegrationScreens(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch(
                "odoo.addons.base.models.ir_cron.IrCron._commit_progress",
                lambda *_a, **_k: 1,
            )
        )
        parameters = cls.env["ir.config_parameter"]
        parameters.set_param("kpi_base.outgoing_hosts", "127.0.0.1")
        new_test_user(cls.env, login="kpi_officer", groups=OFFICER)
        cls.pulse = (
            cls.env["kpi.definition"]
            .create({"code": "pulse", "name": "Pulse", "computation": "manual"})
            ._track_for("company", cls.env.company)
        )

    def test_a_web_address_is_set_up_by_clicks(self):
        rows = [
            {"day": "2026-01-31T12:00:00Z", "reading": 12.5},
            {"day": "2026-02-28T12:00:00Z", "reading": 7},
        ]
        with KeyedStandIn({"data": rows}) as server:
            self.start_tour(
                "/odoo/kpi-integrations/new",
                "kpi_tracking_integration.web_address",
                login="kpi_officer",
                cookies={"kpi_tour_address": quote(f"{server.origin}/rows", safe="")},
            )
            integration = self.env["kpi.integration"].search(
                [("definition_id", "=", self.pulse.definition_id.id)]
            )
            self.assertEqual(integration.sync_status, "active")
            self.assertFalse(self.pulse.measurement_ids)
            integration.sudo()._sync()
        self.assertFalse(integration.last_error)
        values = {one.period_start: one.value for one in self.pulse.measurement_ids}
        self.assertEqual(values, {date(2026, 1, 1): 12.5, date(2026, 2, 1): 7})
