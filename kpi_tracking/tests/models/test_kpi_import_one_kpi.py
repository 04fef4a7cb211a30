from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.import_case import month

from ..import_case import KpiImportCase

FILE = "date,actual,target\n2025-01-31,10,12\n28.02.2025,11,12\n2025-03,12,13\n"


@tagged("post_install", "-at_install")
class TestKpiImportOneKpi(KpiImportCase):
    """A file about one KPI, which no column names: it is chosen on the form."""

    def _of_calls(self, content, **values):
        return self._imported(
            content, definition_id=self.calls.definition_id.id, **values
        )

    def test_date_actual_and_target(self):
        job = self._of_calls(FILE)
        self.assertCounts(job, added=3)
        self.assertEqual(
            self._values_of(self.calls), {month(1): 10, month(2): 11, month(3): 12}
        )
        targets = self.env["kpi.target"].search([("report_id", "=", self.calls.id)])
        self.assertEqual(
            {target.date_from: target.value for target in targets},
            {month(1): 12, month(3): 13},
        )

    def test_the_question_names_the_choice(self):
        job = self._import(FILE)
        self.assertIn("the KPI for all rows", job.question)
        job.definition_id = self.calls.definition_id
        self.assertFalse(job.question)
        self.assertIn("Calls", job.preview)

    def test_rows_that_name_another_kpi_are_refused(self):
        self._kpi("visits", "Visits")
        job = self._of_calls(
            "KPI,date,actual\n"
            "Calls,2025-01,1\ncalls,2025-02,2\nVISITS,2025-03,3\n,2025-04,4\n"
            "Cals,2025-05,5\n"
        )
        self.assertEqual(
            self._values_of(self.calls), {month(1): 1, month(2): 2, month(4): 4}
        )
        other = "The row is for “%s”, but Calls is the KPI for all rows."
        self.assertEqual(self._reasons(job), {4: other % "VISITS", 6: other % "Cals"})

    def test_a_name_that_is_not_found_can_be_mapped(self):
        job = self._import(
            "KPI,date,actual\nCals,2025-01,1\n",
            definition_id=self.calls.definition_id.id,
            is_mapping_kept=False,
        )
        job.action_check()
        (name,) = job.check_page["unknown"]
        self.assertEqual((name["text"], name["rows"]), ("Cals", 1))
        job.action_map("kpi_name", "Cals", "Calls")
        self.assertEqual((job.refused_count, job.accepted_count), (0, 1))

    def test_rows_of_departments(self):
        self.env["hr.department"].create(
            {"name": "Support", "company_id": self.company.id}
        )
        job = self._of_calls(
            "department,date,actual\nSupport,2025-01,3\n,2025-01,9\n", creates_kpis=True
        )
        self.assertCounts(job, added=2)
        self.assertEqual(self._values_of(self.calls), {month(1): 9})

    def test_the_choice_is_not_remembered_for_similar_files(self):
        self._of_calls(FILE)
        job = self._import(FILE)
        self.assertTrue(job.mapping_id)
        self.assertFalse(job.definition_id)
        self.assertTrue(job.question)

    def test_another_choice_asks_for_another_check(self):
        job = self._import(FILE, definition_id=self.calls.definition_id.id)
        job.action_check()
        self.assertEqual(job.state, "checked")
        job.definition_id = self._kpi("visits", "Visits").definition_id
        self.assertEqual(job.state, "matched")

    def test_a_kpi_of_another_company_is_refused(self):
        elsewhere = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        foreign = (
            self.env["kpi.definition"]
            .sudo()
            .create(
                {
                    "code": "theirs",
                    "name": "Theirs",
                    "computation": "manual",
                    "company_id": elsewhere.id,
                }
            )
        )
        job = self._import(FILE)
        with self.assertRaisesRegex(ValidationError, "have access to"):
            job.definition_id = foreign.id

    def test_targets_of_one_kpi(self):
        job = self._of_calls(
            "valid from,target\n2025-01-01,12\n", target_model="kpi.import.kpi.target"
        )
        self.assertCounts(job, added=1)
