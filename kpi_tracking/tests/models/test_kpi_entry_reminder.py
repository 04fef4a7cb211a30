from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.common import run_cron

from ...models.entry import kpi_entry_due
from .entry_case import KpiEntryCase


@tagged("post_install", "-at_install")
class TestKpiEntryReminder(KpiEntryCase):
    """People hear of what they owe: once before, once after it is due."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.report"].search([("id", "!=", cls.report.id)]).active = False
        cls.other = cls._report("Moods")  # due on Friday 6 November, as the first

    def _run(self, moment):
        """What a run at this moment puts into the outbox."""
        before = self._deliveries()
        with self._at(moment):
            run_cron(self, "kpi_tracking.kpi_entry_due_cron")
        return self._deliveries() - before

    def _deliveries(self):
        return self.env["kpi.delivery"].search([("user_id", "=", self.uma.id)])

    def test_one_message_lists_all_that_a_person_owes(self):
        mail = self._run("2026-11-04 09:00:00")  # two days before
        self.assertEqual(len(mail), 1)
        self.assertIn("2 KPI values to enter", mail.subject)
        for report in self.report | self.other:
            self.assertIn(report.name, mail.body)
        due = self.env["kpi.entry.due"].search(
            [("report_id", "=", self.other.id)], limit=1
        )
        self.assertIn(f"/odoo/my-kpi-entries/{due.id}", mail.body)

    def test_nobody_is_reminded_twice(self):
        self.assertTrue(self._run("2026-11-04 09:00:00"))
        self.assertFalse(self._run("2026-11-04 10:00:00"))
        self.assertFalse(self._run("2026-11-05 09:00:00"))
        self.assertIn("2 overdue", self._run("2026-11-07 09:00:00").subject)
        self.assertFalse(self._run("2026-11-08 09:00:00"))

    def _all_deliveries(self):
        people = self.uma | self.ben
        return self.env["kpi.delivery"].search([("user_id", "in", people.ids)])

    def test_a_run_without_time_reminds_one_person_and_the_next_goes_on(self):
        self.other.owner_id = self.ben
        crons = type(self.env["ir.cron"])
        with (
            self._at("2026-11-04 09:00:00"),
            patch.object(crons, "_commit_progress", return_value=0),
        ):
            for count in (1, 2, 2):
                self.env["kpi.entry.due"]._cron_remind()
                self.assertEqual(len(self._all_deliveries()), count)
        self.assertEqual(self._all_deliveries().user_id, self.uma | self.ben)

    def test_who_cannot_be_written_to_holds_up_nobody(self):
        self.other.owner_id = self.ben
        dues, first = self.registry["kpi.entry.due"], self.uma
        write = dues._build_reminder_subject

        def fall(records, overdue):
            if records.env.user == first:
                records.env.cr.execute("SELECT 1 / 0")
            return write(records, overdue)

        with (
            patch.object(dues, "_build_reminder_subject", fall),
            mute_logger("odoo.sql_db", kpi_entry_due.__name__),
        ):
            self.assertFalse(self._run("2026-11-04 09:00:00"))
        self.assertEqual(self._all_deliveries().user_id, self.ben)
        self.assertTrue(self._run("2026-11-04 10:00:00"))

    def test_a_run_that_did_not_take_place_is_made_up_for(self):
        self.assertTrue(self._run("2026-11-05 09:00:00"))

    def test_nobody_is_reminded_at_night(self):
        self.assertFalse(self._run("2026-11-04 05:00:00"))

    def test_what_was_entered_is_not_asked_for(self):
        with self._at("2026-11-03 09:00:00"):
            self._enter(self.uma, 1)
        mail = self._run("2026-11-04 09:00:00")
        self.assertNotIn(self.report.name, mail.body)
        self.assertEqual(mail.subject, "1 KPI value to enter")
        late = self._run("2026-11-07 09:00:00")
        self.assertEqual(late.subject, "1 KPI value to enter, overdue")

    def test_a_company_may_do_without(self):
        self.company.kpi_remind_days_before = 0
        self.assertFalse(self._run("2026-11-04 09:00:00"))

    def test_who_no_longer_sees_the_kpi_hears_nothing_of_it(self):
        with self._at("2026-11-04 09:00:00"):
            self.env["kpi.entry.duty"]._refresh()
        self.env.cr.execute(
            "UPDATE kpi_report SET owner_id = NULL WHERE id = %s", (self.other.id,)
        )
        self.env.invalidate_all()
        duties = self.env["kpi.entry.duty"].search([("user_id", "=", self.uma.id)])
        with self._at("2026-11-04 09:00:00"):
            self.env["kpi.entry.due"]._remind_person(self.uma)
        self.assertIn(self.other, duties.report_id)
        mail = self._deliveries()
        self.assertIn(self.report.name, mail.body)
        self.assertNotIn(self.other.name, mail.body)

    # One click

    def test_a_manager_reminds_with_one_click(self):
        with self._at("2026-11-20 09:00:00"):
            self.env["kpi.entry.duty"]._refresh()
            notice = self.report.with_user(self.mia).action_remind()
            self.assertIn("Uma", notice["params"]["message"])
            self.report.with_user(self.mia).action_remind()
        self.assertEqual(len(self._deliveries()), 1)

    def test_a_period_is_over_once_its_day_ended_at_the_calendar(self):
        # October ends at 23:00 UTC of the 31st in Berlin, at 07:00 UTC of the 1st in
        # Los Angeles.
        moments = {
            "Europe/Berlin": ("2026-10-31 22:30:00", "2026-10-31 23:30:00"),
            "America/Los_Angeles": ("2026-11-01 03:30:00", "2026-11-01 23:30:00"),
        }
        for tz, (running, over) in moments.items():
            before = self._deliveries()
            self.calendar.tz = tz
            for moment, count in ((running, 0), (over, 1)):
                with self.subTest(tz=tz, moment=moment), self._at(moment):
                    self.env["kpi.entry.duty"]._refresh()
                    self.env.invalidate_all()
                    self.report.with_user(self.mia).action_remind()
                    self.assertEqual(len(self._deliveries() - before), count)

    def test_nothing_owed_is_said(self):
        with self._at("2026-11-20 09:00:00"):
            self._enter(self.uma, 1)
            notice = self.report.with_user(self.mia).action_remind()
        self.assertIn("No reminders sent", notice["params"]["message"])

    def test_colleagues_do_not_remind(self):
        self.report.shared_user_ids = self.ben
        with self.assertRaisesRegex(UserError, "managers and KPI officers"):
            self.report.with_user(self.ben).action_remind()
