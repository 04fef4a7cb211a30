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
            self._records(job),
            [
                "Calls – Importing (calls) · Jan 2025",
                "New: visits – Importing · Jan 2025",
            ],
        )
        self.assertEqual(
            [row["record"] for row in job.get_accepted_rows(2)],
            ["New: visits – Importing · Jan 2025"],
        )

    def test_rows_with_errors_say_it_too_where_it_is_known(self):
        north = self.env["hr.department"].create({"name": "North"})
        self.calls.definition_id._track_for("department", north)
        job = self._checked("calls,2025-01,North,x\nnone,2025-01,,1\n")
        records = [row["record"] for row in job.check_page["refused"]]
        self.assertEqual(records, ["Calls – North (calls) · Jan 2025", ""])
        self.assertIn("is not a number", self._reasons(job)[2])

    def test_a_row_of_several_periods_names_the_first_and_the_last(self):
        job = self._checked("calls,1,2,3\n", "code,2025-01,2025-02,2025-03\n")
        self.assertEqual(
            self._records(job), ["Calls – Importing (calls) · Jan 2025 – Mar 2025"]
        )

    def test_targets_say_which_kpi_they_go_to(self):
        job = self._checked(
            "calls,2025-01,1\n",
            "code,valid from,target\n",
            target_model="kpi.import.kpi.target",
        )
        self.assertEqual(self._records(job), ["Calls – Importing (calls) · Jan 2025"])
        self.assertEqual(job.import_label, "Import 1 Row")

    def test_missing_kpis_are_created_by_one_click(self):
        job = self._checked("visits,2025-01,,1\nmails,2025-01,,2\ncalls,2025-01,,l2\n")
        (fix,) = job.check_page["fixes"]
        self.assertEqual(fix["label"], "Turn on “Create Missing KPIs”")
        self.assertEqual(fix["detail"], "Rows fixed: 2")
        self._fix(job, "Create Missing KPIs")
        self.assertEqual((job.state, job.import_count), ("checked", 2))
        names = [f"New: {name} – Importing · Jan 2025" for name in ("visits", "mails")]
        self.assertEqual(self._records(job), names)
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

    def test_a_name_that_is_close_to_a_known_one_is_asked_about(self):
        definition = self._kpi("complaints", "Customer complaints").definition_id
        rows = "Cust complaints,2025-01,1\nCust complaints,2025-02,2\n"
        job = self._checked(rows, "kpi,period,value\n")
        (create,) = job.check_page["fixes"]
        self.assertIn("Create Missing KPIs", create["label"])
        (unknown,) = job.check_page["unknown"]
        self.assertEqual((unknown["text"], unknown["rows"]), ("Cust complaints", 2))
        self.assertEqual(
            unknown["nearest"],
            [{"text": "complaints", "label": "Customer complaints (complaints)"}],
        )
        job.action_map("kpi_name", "Cust complaints", "complaints")
        self.assertEqual((job.state, job.import_count), ("checked", 2))
        self.assertFalse(job.check_page["unknown"])
        job.action_import_checked()
        self.assertEqual(len(definition.report_ids.measurement_ids), 2)
        job.action_read()  # the file is read anew
        self.assertFalse(job.replaced_texts)

    def test_a_name_close_to_a_known_one_is_asked_about_before_it_is_created(self):
        self._kpi("complaints", "Customer complaints")
        rows = "Cust complaints,2025-01,1\n"
        job = self._checked(rows, "kpi,period,value\n", creates_kpis=True)
        self.assertIn("New: Cust complaints", self._records(job)[0])
        (fix,) = job.check_page["fixes"]
        self.assertIn("Did you mean “Customer complaints”?", fix["detail"])

    def test_the_cells_for_which_a_row_is_refused_are_marked(self):
        rows = (
            "other,2025-01,,1\n"  # no such KPI
            "calls,2999-01,,2\n"  # has not begun
            "calls,2025-01,Nowhere,3\n"  # no such department
            "calls,2025-02,,4\ncalls,2025-02,,5\n"  # duplicates
        )
        page = self._checked(rows).check_page
        self.assertEqual(page["refused_columns"][:3], ["code", "period", "department"])
        wrong = {row["row"]: row["wrong"] for row in page["refused"]}
        self.assertEqual(wrong, {2: [0], 3: [1], 4: [2], 5: [0, 1], 6: [0, 1]})

    def test_a_column_whose_period_has_not_begun_is_marked(self):
        page = self._checked("calls,1,2\n", "code,2025-01,2999-01\n").check_page
        self.assertEqual(page["refused"][0]["wrong"], [2])

    def test_targets_beside_values_are_counted(self):
        head = "code,period,value,target\n"
        job = self._checked(
            "calls,2025-01,1,5\ncalls,2025-02,1,5\nnew,2025-01,1,4\n",
            head,
            creates_kpis=True,
        )
        self.assertEqual(job.created_text, "1 new KPI, 2 new targets")
        self.assertEqual(job.summary, "3 new values (rows read: 3)")
        job.action_import_checked()
        self.assertEqual(job.created_text, "1 new KPI, 2 new targets")
        job = self._checked("calls,2025-01,1,6\n", head)
        self.assertEqual(job.created_text, "1 changed target")

    def test_what_was_imported_is_shown_and_nothing_else(self):
        self._kpi("mails", "Mails")
        job = self._checked("calls,2025-01,,1\nnew,2025-01,,1\n", creates_kpis=True)
        job.action_import_checked()
        opened = self.env["kpi.report"].search(job.action_open_records()["domain"])
        self.assertEqual(set(opened.mapped("code")), {"calls", "new"})

    def test_duplicates_are_not_offered_to_be_created(self):
        job = self._checked("calls,2025-01,,1\ncalls,2025-01,,2\n")
        self.assertEqual(job.refused_count, 2)
        labels = [fix["label"] for fix in job.check_page["fixes"]]
        self.assertFalse([label for label in labels if "Create" in label])

    def test_refused_rows_cost_few_more_statements_than_good_ones(self):
        self._create_departments("North", "South")
        numbers = range(1, 13)
        good = [f"calls,2025-{n:02},,1\n" for n in numbers]
        refused = {
            "an unknown department": [
                f"calls,2025-{n:02},Nowhere {n},1\n" for n in numbers
            ],
            "an unknown KPI": [f"none_{n},2025-{n:02},,1\n" for n in numbers],
            "no number": [f"calls,2025-{n:02},,x{n}\n" for n in numbers],
        }
        self._count_check(good)  # what Odoo keeps for all calls
        most = self._count_check(good) + 22  # what is tried to mend them
        for kind, rows in refused.items():
            with self.subTest(kind):
                self.assertLessEqual(self._count_check(rows), most)

    def _count_check(self, rows):
        """Statements of the check of a file with ``rows``."""
        job = self._import(HEAD + "".join(rows), is_mapping_kept=False)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        job.action_check()
        return self.env.cr.sql_log_count - before
