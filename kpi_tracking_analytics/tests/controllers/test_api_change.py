from datetime import date

from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

JANUARY, FEBRUARY = date(2025, 1, 1), date(2025, 2, 1)


@tagged("post_install", "-at_install")
class TestApiChange(KpiApiCase):
    """Why a KPI moved, as programs read it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        department = cls.env["hr.department"].create(
            {"name": "Mills", "company_id": cls.report.company_id.id}
        )
        below = cls.report.definition_id._track_for(
            "department", department, company_id=cls.report.company_id.id
        )
        rows = [
            (cls.report.id, JANUARY, 100.0),
            (cls.report.id, FEBRUARY, 130.0),
            (below.id, JANUARY, 40.0),
            (below.id, FEBRUARY, 60.0),
        ]
        cls.env["kpi.measurement"]._upsert("month", rows, source="api")
        cls.env.flush_all()

    def _path(self, query, report=None):
        return f"/reports/{(report or self.report).id}/change?{query}"

    def test_the_parts_of_a_change(self):
        answer = self.ask(self._path("from=2025-01-31&to=2025-02-01")).json()
        self.assertEqual(answer["from"]["period_start"], "2025-01-01")
        self.assertEqual((answer["change"], answer["percent"]), (30.0, 30.0))
        parts = {part["kind"]: part for part in answer["parts"]}
        self.assertEqual(parts["scope"]["part"], 20.0)
        self.assertEqual((parts["beside"]["from"], parts["beside"]["to"]), (60.0, 70.0))
        self.assertEqual(answer["split_by"], "scope")
        self.assertGreater(len(answer["sentences"]), 2)

    def test_what_is_asked_wrongly(self):
        for query in (
            "",
            "from=2025-01-01",
            "from=1735689600&to=2025-02-01",
            "from=2025-02-01&to=2025-02-02",
            "from=2025-02-01&to=2025-01-01",
            "from=2025-01-01&to=2025-02-01&split_by=x",
            "from_=2025-01-01&to=2025-02-01",
        ):
            answer = self.ask(self._path(query))
            self.assertIn(answer.status_code, (400, 422), query)

    def test_what_a_key_may_not_see_is_not_found(self):
        path = self._path("from=2025-01-01&to=2025-02-01")
        self.assertEqual(self.ask(path, who="user").status_code, 404)
        key = self._key("officer", scopes=["kpi.write"])
        self.assertProblem(self.ask(path, key=key), "insufficient-scope")

    def test_nobody_writes(self):
        path = self._path("from=2025-01-01&to=2025-02-01")
        for method in ("POST", "PUT", "DELETE"):
            answer = self.ask(path, method=method)
            self.assertIn(answer.status_code, (404, 405))
