from odoo.tests import tagged

from .api_case import KpiApiCase

PARTNERS = {
    "computation": "records",
    "model_name": "res.partner",
    "date_field": "create_date",
    "domain": "[('name', '=like', 'Api %')]",
}
NONE = "[('id', '=', 0)]"


@tagged("post_install", "-at_install")
class TestApiVersions(KpiApiCase):
    """How a KPI is computed since when, read and changed by other systems."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.partner"].create({"name": "Api partner"})
        cls.kpi = cls._definition("Partners", "api_partners", **PARTNERS)
        cls.kpi._track_for("company", cls.env.company)
        cls.env["kpi.source"]._recompute_all()
        cls.path = f"/definitions/{cls.kpi.id}/versions"
        calendar = cls.kpi.calendar_id
        cls.running = calendar._period("month", calendar._today()).start

    def _post(self, who="officer", **body):
        return self.ask(self.path, who, method="POST", json=body)

    def test_one_that_never_changed_has_one_version(self):
        found = self.ask(self.path).json()
        self.assertEqual(found["definition"]["id"], self.kpi.id)
        (version,) = found["items"]
        self.assertEqual(version["valid_from"], "2023-01-01")
        self.assertIsNone(version["valid_before"])
        self.assertTrue(version["is_current"])
        self.assertEqual(version["method"]["model_name"], "res.partner")
        self.assertEqual(version["method"]["measure"], "count")

    def test_an_officer_changes_it_from_a_period_on(self):
        day = self.running.isoformat()
        answer = self._post(
            valid_from=day, reason="None count", method={"domain": NONE}
        )
        self.assertEqual(answer.status_code, 201, answer.text)
        first, second = answer.json()["items"]
        self.assertEqual(first["valid_before"], day)
        self.assertEqual(first["method"]["domain"], PARTNERS["domain"])
        self.assertEqual(second["valid_from"], day)
        self.assertEqual(second["reason"], "None count")
        self.assertEqual(second["changed_by"]["id"], self.people["officer"].id)
        self.assertEqual(second["method"]["domain"], NONE)
        self.assertEqual(self.ask(self.path).json(), answer.json())
        again = self._post(valid_from="all", method={"domain": NONE})
        (version,) = again.json()["items"]
        self.assertEqual(version["method"]["domain"], NONE)

    def test_what_cannot_be_is_told(self):
        middle = self.running.replace(day=2).isoformat()
        for body in (
            {"valid_from": middle, "method": {"domain": NONE}},
            {"valid_from": "soon", "method": {"domain": NONE}},
            {"valid_from": "all", "method": {"domain": "[('x', '=', 1)]"}},
            {"valid_from": "all", "method": {"unit": "percent"}},
            {"valid_from": "all"},
        ):
            with self.subTest(body):
                self.assertProblem(self._post(**body), "invalid")
        self.assertFalse(self.kpi.version_ids)

    def test_what_a_body_names_must_be_there(self):
        for name in ("without_company_id", "working_calendar_id"):
            for day in ("all", self.running.isoformat()):
                with self.subTest(name=name, day=day):
                    body = {"valid_from": day, "method": {name: 2**31 - 1}}
                    self.assertProblem(self._post(**body), "not-found")

    def test_who_may_not_change_kpis_is_refused(self):
        answer = self._post("user", valid_from="all", method={"domain": NONE})
        self.assertProblem(answer, "forbidden")
        self.assertEqual(self.kpi.domain, PARTNERS["domain"])

    def test_filters_are_for_who_may_read_the_records(self):
        hidden = self._definition(
            "Employees",
            "api_employees",
            computation="records",
            model_name="hr.employee",
            date_field="create_date",
            domain="[('name', '=', 'Spy')]",
        )
        hidden._track_for("company", self.env.company)
        path = f"/definitions/{hidden.id}/versions"
        (version,) = self.ask(path, "user").json()["items"]
        self.assertIsNone(version["method"]["domain"])
        self.assertEqual(version["method"]["model_name"], "hr.employee")
        self.assertNotIn("Spy", self.ask(path, "user").text)

    def test_nobody_reads_versions_of_kpis_they_do_not_see(self):
        foreign = self._definition(
            "Foreign",
            "api_foreign",
            company_id=self.env["res.company"].create({"name": "Api far"}).id,
        )
        path = f"/definitions/{foreign.id}/versions"
        self.assertProblem(self.ask(path, "user"), "not-found")
