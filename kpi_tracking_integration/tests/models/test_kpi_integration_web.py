from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.kpi_base.fields import HIDDEN

from ..stand_ins import TOKEN, WebStandIn
from .integration_case import IntegrationCase

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


@tagged("post_install", "-at_install")
class TestKpiIntegrationWeb(IntegrationCase):
    """Rows of an address become values, as those of named systems do."""

    def setUp(self):
        super().setUp()
        rows = [
            {"kpi": "calls", "date": "2026-01-31T12:00:00Z", "value": 12.5},
            {"kpi": "calls", "date": "2026-02-15T12:00:00Z", "value": 7},
        ]
        self.server = self.enterContext(WebStandIn({"data": rows}))

    def _make_web(self, **values):
        address = f"{self.server.origin}/rows"
        return self._make(
            integration_type="web_address",
            settings={"address": address, "rows": "/data"},
            **values,
        )

    def _rows(self, *rows):
        self.server.document = {"data": [*rows]}

    def test_rows_become_values_and_their_corrections_follow(self):
        integration = self._make_web()
        integration.sudo()._sync()
        self.assertFalse(integration.last_error)
        self.assertEqual(self._values_of(self.calls), {JANUARY: 12.5, FEBRUARY: 7})
        self._rows({"kpi": "calls", "date": "2026-02-15", "value": 8})
        integration.sudo()._sync()
        self.assertEqual(self._values_of(self.calls), {JANUARY: 12.5, FEBRUARY: 8})
        self.assertFalse(integration.gone_ids)

    def test_check_shows_the_rows_with_their_mapping(self):
        integration = self._make_web()
        action = integration.action_check()
        job = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((job.state, job.import_count), ("checked", 2))
        self.assertIn("12.5", job.preview)
        self.assertFalse(self._values_of(self.calls))
        self.assertEqual(integration.sync_status, "disabled")
        said = integration.action_test()["params"]["message"]
        self.assertEqual(said, "Connected: 127.0.0.1")

    def test_moments_are_of_the_time_zone_of_the_company(self):
        self.calls.definition_id.calendar_id.sudo().tz = "America/New_York"
        self._rows({"date": "2026-02-01T03:00:00Z", "value": 5})
        integration = self._make_web()
        integration.sudo()._sync()
        self.assertFalse(integration.last_error)
        self.assertEqual(self._values_of(self.calls), {JANUARY: 5})

    def test_fields_that_moved_or_were_added_do_not_stop_it(self):
        integration = self._make_web()
        integration.sudo()._sync()
        self._rows({"value": 9, "note": "x", "date": "2026-01-05", "kpi": "calls"})
        integration.sudo()._sync()
        self.assertFalse(integration.last_error)
        self.assertEqual(self._values_of(self.calls)[JANUARY], 9)
        self._rows({"amount": 1, "date": "2026-01-05", "kpi": "calls"})
        integration.sudo()._sync()
        self.assertEqual(
            integration.last_error,
            "Columns have changed (missing: value; new: amount). Choose “Check” to "
            "map them.",
        )
        self.assertEqual(self._values_of(self.calls)[JANUARY], 9)

    def test_only_the_chosen_kpis_are_written(self):
        other = self._kpi("visits", "Visits")
        self._rows(
            {"kpi": "calls", "date": "2026-01-05", "value": 1},
            {"kpi": "visits", "date": "2026-01-05", "value": 2},
        )
        integration = self._make_web()
        integration.sudo()._sync()
        self.assertEqual(integration.refused_count, 1)
        self.assertFalse(self._values_of(other))

    def test_no_secret_is_needed(self):
        self.server.token = None
        integration = self._make_web(api_credentials=False)
        integration.sudo()._sync()
        self.assertFalse(integration.last_error)
        self.assertNotIn("authorization", self.server.received[-1].headers)

    def test_causes_are_named_on_the_form(self):
        integration = self._make_web(api_credentials="wrong-key")
        integration.sudo()._sync()
        self.assertEqual(
            integration.last_error,
            "127.0.0.1 did not accept the credentials. Check “Header” and “API "
            "Credentials”.",
        )
        self.assertEqual(integration.sync_status, "error")

    def test_the_secret_is_not_sent_to_another_server(self):
        integration = self._make_web()
        own = integration.settings
        integration.settings = {**own, "rows": "", "header": "X-Key"}
        self.assertEqual(integration._read_secret("api_credentials"), TOKEN)
        integration.settings = {**own, "address": f"{self.server.origin}/other"}
        self.assertEqual(integration._read_secret("api_credentials"), TOKEN)
        for place in ("https://example.com/rows", ""):
            integration.write(
                {"settings": {**own, "address": place}, "api_credentials": HIDDEN}
            )
            self.assertFalse(integration._read_secret("api_credentials"))
            integration.write({"settings": own, "api_credentials": TOKEN})
            self.assertEqual(integration._read_secret("api_credentials"), TOKEN)

    def test_the_secret_of_a_system_is_not_sent_to_an_address(self):
        integration = self._make(client_id="app", client_secret="client-secret")
        integration.write(
            {
                "integration_type": "web_address",
                "settings": {"address": f"{self.server.origin}/rows"},
            }
        )
        self.assertFalse(integration._read_secret("api_credentials"))
        self.assertFalse(integration._read_secret("client_secret"))

    def test_tokens_of_one_domain_are_not_used_at_another(self):
        integration = self._make(
            integration_type="salesforce",
            settings={"domain": "nordwind.my.salesforce.com"},
            api_credentials=False,
            client_id="app",
            client_secret="client-secret",
        )
        tokens = {"access_token": "access-1", "refresh_token": "refresh-1"}
        for name, text in tokens.items():
            self.env["kpi.secret"]._store(integration, name, text)
        own = integration.settings
        integration.settings = {"domain": "https://Nordwind.my.salesforce.com/"}
        self.assertEqual(integration._read_secret("access_token"), "access-1")
        integration.settings = {**own, "domain": "other.my.salesforce.com"}
        for name in tokens:
            self.assertFalse(integration._read_secret(name), name)
            self.assertFalse(integration[name], name)
        self.assertEqual(integration._read_secret("client_secret"), "client-secret")
        with self.assertRaisesRegex(UserError, "Connect Salesforce first"):
            integration.action_test()
