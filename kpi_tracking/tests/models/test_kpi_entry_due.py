from datetime import date

from odoo.tests import tagged

from .entry_case import NOVEMBER, OCTOBER, TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
class TestKpiEntryDue(KpiEntryCase):
    """What is owed by whom, and what became of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Monday to Friday from 8 to 17, as Odoo makes it.
        cls.hours = cls.company.resource_calendar_id
        cls.report.definition_id.entry_due_days = 5

    def _dues(self, report=None):
        """(person, period, due, state) of everything owed, in order."""
        with self._at(TODAY):
            self.env["kpi.entry.duty"]._refresh()
            dues = self.env["kpi.entry.due"].search(
                [("report_id", "=", (report or self.report).id)]
            )
            return [
                (due.user_id.name, due.period_start, due.due_date, due.state)
                for due in dues
            ]

    def test_entries_are_due_after_working_days(self):
        # 2 to 6 November are Monday to Friday; 1 December is a Tuesday.
        self.assertEqual(
            self._dues(),
            [
                ("Uma", OCTOBER, date(2026, 11, 6), "overdue"),
                ("Uma", NOVEMBER, date(2026, 12, 7), "due"),
            ],
        )

    def test_a_public_holiday_is_no_working_day(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.hours.id,
                "company_id": self.company.id,
                "date_from": "2026-11-03 00:00:00",
                "date_to": "2026-11-03 23:59:59",
            }
        )
        self.env["kpi.working.day"]._refresh(
            self.hours, date(2026, 1, 1), date(2027, 12, 31)
        )
        self.assertEqual(self._dues()[0][2], date(2026, 11, 9))

    def test_no_days_mean_the_last_day_of_the_period(self):
        self.report.definition_id.entry_due_days = 0
        self.assertEqual(self._dues()[0][2], date(2026, 10, 31))

    def test_without_working_hours_days_are_counted(self):
        self.company.resource_calendar_id = False
        self.assertEqual(self._dues()[0][2], date(2026, 11, 5))

    def test_the_first_time_that_a_value_is_handed_in_counts(self):
        with self._at("2026-11-06 20:00:00"):
            self._enter(self.uma, 1)
        with self._at(TODAY):
            self._enter(self.uma, 2, reason="Typo")
        self.assertEqual(self._dues()[0][3], "on_time")

    def test_a_late_entry_says_so(self):
        with self._at(TODAY):
            entry = self._enter(self.uma, 1)
        self.assertTrue(entry.is_late)
        self.assertEqual(entry.due_date, date(2026, 11, 6))
        self.assertEqual(self._dues()[0][3], "late")

    def test_a_period_before_the_kpi_was_tracked_is_never_late(self):
        with self._at(TODAY):
            self.report.entry_date_from = date(2026, 11, 20)
            self.assertFalse(self._enter(self.uma, 1).is_late)
            self.report.entry_date_from = False
            self.assertFalse(self._enter(self.uma, 2, reason="Again").is_late)

    def test_a_rejected_or_withdrawn_entry_is_owed_again(self):
        self.report.definition_id.has_entry_approval = True
        with self._at("2026-11-05 08:00:00"):
            entry = self._enter(self.uma, 1)
            self.assertEqual(self._dues()[0][3], "on_time")
            entry.with_user(self.mia)._decide_all("reject", "No")
        self.assertEqual(self._dues()[0][3], "overdue")
        entry._withdraw("Wrong")
        self.assertEqual(self._dues()[0][3], "overdue")

    def test_an_imported_value_is_not_owed(self):
        rows = [(self.report.id, OCTOBER, 3.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="import")
        self.assertEqual(self._dues()[0][3], "known")

    def test_everybody_owes_the_own_part(self):
        report = self._report("Visits", entry_mode="parts", aggregation_scope="sum")
        report.submitter_ids = self.uma | self.ben
        with self._at("2026-11-05 08:00:00"):
            self._enter(self.ben, 1, report)
        states = {(due[0], due[1]): due[3] for due in self._dues(report)}
        self.assertEqual(states["Ben", OCTOBER], "on_time")
        self.assertEqual(states["Uma", OCTOBER], "overdue")

    def test_who_is_asked_later_is_not_blamed_for_what_was_given(self):
        with self._at("2026-11-05 08:00:00"):
            self._enter(self.uma, 1)
            self.report.submitter_ids = self.ben
        owed = {due[:2]: due[3] for due in self._dues()}
        self.assertEqual(owed["Uma", OCTOBER], "on_time")
        self.assertNotIn(("Uma", NOVEMBER), owed)
        self.assertEqual(owed["Ben", NOVEMBER], "due")

    def test_archived_kpis_owe_nothing(self):
        self._dues()
        self.report.active = False
        self.assertFalse(self._dues())

    def test_the_on_time_rate_counts_what_is_overdue(self):
        self.report.entry_date_from = date(2026, 8, 1)
        with self._at("2026-09-01 08:00:00"):
            self._enter(self.uma, 1, day=date(2026, 8, 1))
        with self._at("2026-11-01 08:00:00"):
            self._enter(self.uma, 1, day=date(2026, 9, 1))
        self._dues()
        with self._at(TODAY):  # one on time, one late, one overdue, one due
            self.report.invalidate_recordset()
            self.assertAlmostEqual(self.report.on_time_percent, 100 / 3)
            self.assertEqual(self.report.due_count, 2)

    def test_the_dialog_opens_on_the_period_owed(self):
        self._dues()
        due = self.env["kpi.entry.due"].with_user(self.uma).search([], limit=1)
        action = due.action_enter()
        self.assertEqual(action["context"]["default_day"], OCTOBER)

    def test_who_cannot_enter_it_sees_the_entry(self):
        self._dues()
        self.report.shared_user_ids = self.ben
        due = self.env["kpi.entry.due"].with_user(self.ben).search([], limit=1)
        self.assertEqual(due.action_enter()["res_model"], "kpi.entry.due")

    def test_many_kpis_are_refreshed_by_a_constant_number_of_statements(self):
        def refresh():
            self.env["kpi.entry.duty"]._refresh()

        refresh()
        self.env.flush_all()
        counted = []
        for _each in range(2):
            before = self.env.cr.sql_log_count
            refresh()
            counted.append(self.env.cr.sql_log_count - before)
            for number in range(5):
                self._report(f"More {number}")
            self.env.flush_all()
            self.env.invalidate_all()
            refresh()
        self.assertLessEqual(counted[1], counted[0] + 3)  # reading what was forgotten
