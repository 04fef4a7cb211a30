from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .entry_case import NOVEMBER, OCTOBER, TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
class TestKpiEntryGrid(KpiEntryCase):
    """Many values at once: what the grid reads, and what it saves."""

    def setUp(self):
        super().setUp()
        self.enterContext(self._at(TODAY))
        self.env["kpi.entry.duty"]._refresh()

    def _grid(self, user=None, **options):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            self.env["kpi.report"].with_user(user or self.uma).get_entry_grid(**options)
        )

    def _cells(self, user=None, **options):
        """(KPI, person) → period → cell."""
        grid = self._grid(user, **options)
        starts = [column["start"] for column in grid["columns"]]
        return {
            (row["name"], row["contributor"]): dict(
                zip(starts, row["cells"], strict=True)
            )
            for row in grid["rows"]
        }

    def _cell(self, **values):
        return {
            "report_id": self.report.id,
            "contributor_id": False,
            "start": str(OCTOBER),
            "text": "7,5",
            "note": "",
            "reason": "",
            **values,
        }

    def _save(self, *cells, user=None, **options):
        reports = self.env["kpi.report"].with_user(user or self.uma)
        return reports.save_entries(list(cells), **options)

    # Reading

    def test_columns_are_the_last_periods(self):
        grid = self._grid(count=3)
        self.assertEqual(
            [column["label"] for column in grid["columns"]],
            ["Sep 2026", "Oct 2026", "Nov 2026"],
        )
        self.assertEqual(len(self._grid(count=10_000)["columns"]), 24)

    def test_cells_say_what_there_is(self):
        self.report.definition_id.has_entry_approval = True
        self._enter(self.uma, 4, note="Survey")
        cells = self._cells()["Pulse", ""]
        october, november = cells[str(OCTOBER)], cells[str(NOVEMBER)]
        self.assertEqual((october["state"], october["value"]), ("submitted", 4))
        self.assertEqual((october["note"], october["accepted"]), ("Survey", False))
        self.assertTrue(october["late"])
        self.assertEqual((november["state"], november["value"]), ("empty", None))
        self.assertEqual(november["due"], "2026-12-07")

    def test_a_grid_of_one_kpi_has_that_one_alone(self):
        other = self._report("Other")
        action = self.report.with_user(self.uma).action_enter_values()
        self.assertEqual(action["display_name"], "Enter Values")
        asked = action["context"]["entry_report_ids"]
        rows = self._grid(self.uma, report_ids=asked)["rows"]
        self.assertEqual([row["name"] for row in rows], ["Pulse"])
        # an officer is asked for neither, and may enter both
        rows = self._grid(self.otto, report_ids=(self.report | other).ids)["rows"]
        self.assertEqual({row["name"] for row in rows}, {"Pulse", "Other"})
        self.assertFalse(self._grid(self.ben, report_ids=asked)["rows"])

    def test_only_what_somebody_approved_is_said_to_be_decided(self):
        self._enter(self.uma, 4)
        self.assertFalse(self._cells()["Pulse", ""][str(OCTOBER)]["is_decided"])
        self.report.definition_id.has_entry_approval = True
        entry = self._enter(self.uma, 5, reason="Again")
        entry.with_user(self.mia).action_approve()
        self.env.invalidate_all()
        self.assertTrue(self._cells()["Pulse", ""][str(OCTOBER)]["is_decided"])

    def test_imported_values_and_locks_are_shown(self):
        rows = [(self.report.id, OCTOBER, 3.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="import")
        self.company.kpi_lock_date = OCTOBER.replace(day=31)
        cells = self._cells()["Pulse", ""]
        october = cells[str(OCTOBER)]
        self.assertEqual((october["state"], october["value"]), ("known", 3))
        self.assertIn("is locked", october["locked"])
        self.assertFalse(cells[str(NOVEMBER)]["locked"])

    def test_what_is_due_soonest_comes_first(self):
        self._report("Earlier", entry_due_days=1)
        self.env["kpi.entry.duty"]._refresh()
        names = [row["name"] for row in self._grid()["rows"]]
        self.assertEqual(names, ["Earlier", "Pulse"])

    def test_people_see_what_they_are_asked_for(self):
        self.report.shared_user_ids = self.ben
        self.assertFalse(self._grid(self.ben)["rows"])
        self.assertFalse(self._grid(self.ben, for_others=True)["rows"])
        self.assertFalse(self._grid(self.mia)["rows"])
        self.assertEqual(len(self._grid(self.mia, for_others=True)["rows"]), 1)

    def test_parts_are_rows_of_their_own(self):
        report = self._report("Visits", entry_mode="parts", aggregation_scope="sum")
        report.submitter_ids = self.uma | self.ben
        own = self._cells(self.ben)
        self.assertEqual(list(own), [("Visits", "Ben")])
        everybody = self._cells(self.mia, for_others=True)
        self.assertLessEqual({("Visits", "Ben"), ("Visits", "Uma")}, set(everybody))

    def test_frequencies_are_chosen_from(self):
        self._report("Weekly", frequency="week")
        layouts = self._grid()["layouts"]
        self.assertEqual([one["label"] for one in layouts], ["Monthly", "Weekly"])
        weekly = {key: layouts[1][key] for key in ("frequency", "calendar_id")}
        self.assertEqual(
            [row["name"] for row in self._grid(layout=weekly)["rows"]], ["Weekly"]
        )

    def test_the_number_of_statements_is_constant(self):
        def counted():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["kpi.report"].with_user(self.uma).get_entry_grid(count=12)
            return self.env.cr.sql_log_count - before

        self._enter(self.uma, 1)
        counted()  # what Odoo keeps in memory
        few = counted()
        for number in range(20):
            report = self._report(f"More {number}")
            self._enter(self.uma, number, report)
        self.env["kpi.entry.duty"]._refresh()
        self.assertEqual(counted(), few)

    # Saving

    def test_each_cell_has_its_own_result(self):
        other = self._report("Moods")
        self._enter(self.uma, 1, other)
        good, wrong, early, again = self._save(
            self._cell(text="1.234,5", note="Survey"),
            self._cell(start=str(NOVEMBER), text="12,5.3"),
            self._cell(start="2027-01-01"),
            self._cell(report_id=other.id),
        )
        self.assertEqual(good["cell"]["value"], 1234.5)
        self.assertEqual(
            (good["cell"]["state"], good["cell"]["note"]), ("approved", "Survey")
        )
        self.assertIn("“12,5.3” is not a number", wrong["error"])
        self.assertIn("has not started", early["error"])
        self.assertIn("already has a value", again["error"])
        self.assertEqual(self._fact().value, 1234.5)

    def test_units_copied_along_do_not_matter(self):
        share = self._report("Share", unit="percent")
        answer = self._report("Answer", unit="boolean")
        results = self._save(
            self._cell(report_id=share.id, text="82.5%"),
            self._cell(report_id=answer.id, text="yes"),
            self._cell(report_id=answer.id, start=str(NOVEMBER), text="maybe"),
        )
        self.assertEqual(results[0]["cell"]["value"], 82.5)
        self.assertEqual(results[1]["cell"]["value"], 1)
        self.assertIn("is not a yes/no value", results[2]["error"])

    def test_drafts_are_kept_and_do_not_count(self):
        (result,) = self._save(self._cell(), as_draft=True)
        self.assertEqual(result["cell"]["state"], "draft")
        self.assertFalse(self._fact())

    def test_a_cell_given_twice_counts_once(self):
        first, second = self._save(self._cell(), self._cell(text="8"))
        self.assertEqual(first["cell"]["value"], 7.5)
        self.assertIn("Duplicate value", second["error"])

    def test_cells_of_others_are_refused(self):
        self.report.shared_user_ids = self.ben
        hidden = self._report("Hidden")
        seen, unseen = self._save(
            self._cell(), self._cell(report_id=hidden.id), user=self.ben
        )
        self.assertIn("only assigned people", seen["error"])
        self.assertIn("no longer have access to this KPI", unseen["error"])
        self.assertFalse(self._fact())

    def test_nonsense_is_refused_cell_by_cell(self):
        results = self._save(
            self._cell(start="tomorrow"),
            self._cell(start=False),
            self._cell(report_id="x"),
            self._cell(text=None),
            {},
        )
        self.assertTrue(all("error" in result for result in results))

    def test_a_note_that_cannot_be_kept_refuses_its_cell_only(self):
        odd, good = self._save(
            self._cell(note="a\x00b"), self._cell(start=str(NOVEMBER))
        )
        self.assertIn("contains an invalid character", odd["error"])
        self.assertEqual(good["cell"]["value"], 7.5)

    def test_more_than_can_be_taken_is_said(self):
        with self.assertRaisesRegex(UserError, "Too many values"):
            self._save(*[self._cell()] * 2001)

    def test_a_pasted_block_is_saved_by_few_statements(self):
        reports = [self._report(f"More {number}") for number in range(10)]
        cells = [
            self._cell(report_id=report.id, start=str(date(2026, month, 1)), text="1")
            for report in reports
            for month in (9, 10, 11)
        ]
        self._save(*cells[:1])  # calendars and working days are known
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        results = self._save(*cells[1:])
        self.assertTrue(all("cell" in result for result in results))
        self.assertLess(self.env.cr.sql_log_count - before, 29 * 8)
