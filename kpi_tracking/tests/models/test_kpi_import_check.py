from odoo.tests import tagged

from ..import_case import KpiImportCase

HEAD = "code,period,department,value\n"


@tagged("post_install", "-at_install")
class TestKpiImportCheck(KpiImportCase):
    """The page of a check of values and targets: the KPI of each row, and fixes."""

    def _checked(self, rows, head=HEAD, **values):
        job = self._import(head + rows, is_mapping_kept=False, **values)
        self.assertFalse(job.question)
        job.action_check()
        return job

    def _fix(self, job, label):
        (key,) = (
            fix["key"] for fix in job.check_page["fixes"] if label in fix["label"]
        )
        job.action_fix(key)

    def _records(self, job):
        return [row["record"] for row in job.check_page["accepted"]]

    def test_values_say_which_kpi_they_go_to(self):
        job = self._checked("calls,2025-01,,1\nvisits,2025-01,,2\n", creates_kpis=True)
        self.assertEqual(
            self._records(job), [f"{self.calls.name} (calls)", "New: visits"]
        )
        self.assertEqual(
            [row["record"] for row in job.get_accepted_rows(2)], ["New: visits"]
        )

    def test_targets_say_which_kpi_they_go_to(self):
        job = self._checked(
            "calls,2025-01,1\n",
            "code,valid from,target\n",
            target_model="kpi.import.kpi.target",
        )
        self.assertEqual(self._records(job), [f"{self.calls.name} (calls)"])
        self.assertEqual(job.import_label, "Import 1 row")

    def test_missing_kpis_are_created_by_one_click(self):
        job = self._checked("visits,2025-01,,1\nmails,2025-01,,2\ncalls,2025-01,,l2\n")
        (fix,) = job.check_page["fixes"]
        self.assertEqual(fix["label"], "Turn on “Create Missing KPIs”")
        self.assertEqual(fix["detail"], "Rows: 2 more valid")
        self._fix(job, "Create Missing KPIs")
        self.assertEqual((job.state, job.import_count), ("checked", 2))
        self.assertEqual(self._records(job), ["New: visits", "New: mails"])
        self.assertFalse(self.env["kpi.definition"].search([("code", "=", "visits")]))
        job.action_import_checked()
        self.assertTrue(self.env["kpi.definition"].search([("code", "=", "visits")]))

    def test_options_that_help_only_together_are_one_fix(self):
        job = self._checked("visits,2025-01,Field,1\n")
        (fix,) = job.check_page["fixes"]
        self.assertEqual(
            fix["label"],
            "Turn on “Create Missing KPIs”, “Create Missing Departments”",
        )
        self._fix(job, "Create Missing KPIs")
        self.assertEqual(job.import_count, 1)

    def test_what_the_user_may_not_create_is_not_offered(self):
        self.officer.sudo().group_ids -= self.env.ref("hr.group_hr_user").sudo()
        job = self._checked("visits,2025-01,Field,1\n")
        self.assertEqual(job.refused_count, 1)
        self.assertFalse(job.check_page["fixes"])

    def test_duplicates_are_not_offered_to_be_created(self):
        job = self._checked("calls,2025-01,,1\ncalls,2025-01,,2\n")
        self.assertEqual(job.refused_count, 2)
        self.assertFalse(job.check_page["fixes"])
