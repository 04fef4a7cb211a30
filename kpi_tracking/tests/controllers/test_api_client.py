from odoo.tests import tagged

from odoo.addons.kpi_base.tests.controllers.description_case import DescriptionMixin

from .api_case import KpiApiCase


@tagged("post_install", "-at_install")
class TestKpiApiDescription(DescriptionMixin, KpiApiCase):
    """The description with the routes of KPIs, and the client made from it."""

    def test_the_client_reads_and_sends(self):
        module = self._client_module()
        client = module.Client(self.base_url(), self.keys["officer"])
        with self.allow_requests(all_requests=True):
            self._use(module, client)

    def _use(self, module, client):
        client.record_measurements(
            {"rows": [{"code": "api_visits", "day": "2025-01-31", "value": 2.0}]},
            idempotency_key="client-1",
        )
        (row,) = client.list_measurements(code="api_visits")["items"]
        self.assertEqual(row["value"], 2.0)
        kept = client.list_definitions(code="api_visits", active=True)["items"]
        self.assertEqual(len(kept), 1)
        gone = client.list_definitions(code="api_visits", active=False)["items"]
        self.assertEqual(gone, [])
        with self.assertRaises(module.ApiError) as caught:
            client.get_report(2**31 - 1)
        self.assertEqual(caught.exception.status, 404)
