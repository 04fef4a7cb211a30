from datetime import date

from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

from ..models.analysis_case import seasonal


@tagged("post_install", "-at_install")
class TestApiForecast(KpiApiCase):
    """Trends and forecasts as programs read them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = seasonal(36)
        first = date.today().replace(day=1)
        rows = []
        for value in reversed(values):
            first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
            rows.append((cls.report.id, first, value))
        cls.env["kpi.measurement"]._upsert("month", rows, source="api")
        cls.env["kpi.target"].create(
            {"report_id": cls.report.id, "date_from": "2023-01-01", "value": 9000}
        )
        cls.env["kpi.predictive.analytics"]._analyse(cls.report | cls.own_report)
        cls.env.flush_all()

    def test_the_forecast_of_a_kpi(self):
        answer = self.ask(f"/reports/{self.report.id}/forecast").json()
        self.assertEqual(answer["origin"], "combination")
        self.assertEqual(len(answer["points"]), 13)
        point = answer["points"][0]
        self.assertEqual(point["period_start"], f"{date.today():%Y-%m}-01")
        self.assertLess(point["low_95"], point["value"])
        self.assertLess(point["target_probability"], 1)
        self.assertFalse(answer["is_stale"])

    def test_the_trend_of_a_kpi(self):
        answer = self.ask(f"/reports/{self.report.id}/trend").json()
        self.assertEqual(answer["course"], "better")
        self.assertEqual(answer["season_length"], 12)
        self.assertIsNone(answer["trend_7_days"])

    def test_unusual_values_of_a_kpi(self):
        last = self.env["kpi.measurement"].search(
            [("report_id", "=", self.report.id)], order="period_start desc", limit=1
        )
        rows = [(self.report.id, last.period_start, 3000.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="api")
        self.env["kpi.predictive.analytics"]._analyse(self.report)
        self.env.flush_all()
        answer = self.ask(f"/reports/{self.report.id}/anomalies").json()
        (found,) = answer["anomalies"]
        self.assertEqual((found["kind"], found["value"]), ("spike", 3000))
        self.assertEqual(found["period_start"], last.period_start.isoformat())
        self.assertGreater(found["score"], 5)

    def test_what_a_key_may_not_see_is_not_found(self):
        for what in ("forecast", "trend", "anomalies"):
            path = f"/reports/{self.report.id}/{what}"
            self.assertEqual(self.ask(path, who="user").status_code, 404)
            self.assertEqual(self.ask(f"/reports/999999/{what}").status_code, 404)
            key = self._key("officer", scopes=["kpi.write"])
            self.assertProblem(self.ask(path, key=key), "insufficient-scope")

    def test_all_that_will_probably_miss(self):
        answer = self.ask("/forecasts?chance_below=50").json()
        found = [item["kpi"]["id"] for item in answer["items"]]
        self.assertIn(self.report.id, found)
        own = self.ask("/forecasts", who="user").json()["items"]
        self.assertEqual([item["kpi"]["id"] for item in own], self.own_report.ids)
        self.assertEqual(own[0]["origin"], "no_data")
        self.assertIsNone(own[0]["expected_value"])

    def test_nobody_writes(self):
        for method in ("POST", "PUT", "DELETE"):
            answer = self.ask(f"/reports/{self.report.id}/forecast", method=method)
            self.assertIn(answer.status_code, (404, 405))

    def test_archived_kpis_are_not_listed(self):
        for archived in (self.report, self.report.definition_id):
            archived.active = False
            self.env.flush_all()
            items = self.ask("/forecasts").json()["items"]
            found = [item["kpi"]["id"] for item in items]
            self.assertNotIn(self.report.id, found, archived)
            archived.active = True
