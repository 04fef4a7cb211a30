import psycopg2

from odoo import Command, fields
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.engine.worktime import Attendance, WorkCalendar
from odoo.addons.kpi_base.repeat import run_apart

from .tat_case import TatCase, utc

BREACHED = "2026-03-24 10:00:01"
SWEEP = "odoo.addons.kpi_workflow_tat.models.kpi_tat_level_sweep"
HOLD = "odoo.addons.kpi_workflow_tat.models.kpi_tat_hold"
STEP = "odoo.addons.kpi_base.models.approval.kpi_approval_step"


@tagged("post_install", "-at_install")
class TestKpiTatFault(TatCase):
    """Working hours that have no hour: refused, and no other request is held up."""

    def _close_hours(self, user):
        closed = self.env["resource.calendar"].create(
            {"name": "Closed", "attendance_ids": [Command.clear()]}
        )
        closed.attendance_ids.unlink()
        self.employees[user].resource_calendar_id = closed

    def _list_notes(self, request):
        return " ".join(request.sudo().message_ids.mapped("body"))

    def test_a_next_person_without_hours_holds_up_no_reminder(self):
        self._close_hours(self.cy)
        for action in ("escalate", "skip"):
            with self.subTest(action):
                template = self._make_template(
                    [(self.ann,), (self.cy,)], timeout_action=action
                )
                failing = self._submit(template_id=template.id)
                other = self._submit()
                with self._at(BREACHED), self.assertLogs(SWEEP, "WARNING"):
                    self._sweep()
                for request in (failing, other):
                    self.assertEqual(
                        request.sudo().alert_ids.mapped("threshold_percentage"), [100]
                    )
                    asked = request.sudo()._find_steps("asked").user_id
                    self.assertEqual(asked, self.ann)
                self.assertIn("no working hours", self._list_notes(failing))
                self.assertNotIn("no working hours", self._list_notes(other))

    def test_another_timeout_of_the_batch_is_done(self):
        self._close_hours(self.cy)
        template = self._make_template([(self.ann,), (self.cy,)], timeout_action="skip")
        working = self._make_template([(self.ann,), (self.bo,)], timeout_action="skip")
        failing = self._submit(template_id=template.id)
        other = self._submit(template_id=working.id)
        with self._at(BREACHED), mute_logger(SWEEP):
            self._sweep()
        self.assertEqual(failing.sudo()._find_steps("asked").user_id, self.ann)
        self.assertEqual(other.sudo()._find_steps("asked").user_id, self.bo)

    def test_what_came_too_late_is_run_again_not_noted(self):
        request = self._submit()

        def be_late(_some):
            raise ConcurrencyError("another came first")

        with self.assertRaises(ConcurrencyError):
            run_apart(self.env, request, be_late, self.fail)

    def test_the_timeout_of_an_approval_is_put_off(self):
        """Cy, who is to decide too, has no hours."""
        self._close_hours(self.cy)
        self.template.escalation_timeout = 1
        request = self._submit()
        steps = self.env["kpi.approval.step"]
        moment = "2026-03-24 10:00:00"
        with self._at(moment), self.assertLogs(STEP, "WARNING"):
            steps._sweep_due()
        step = request.sudo()._find_steps("asked")
        self.assertEqual(step.user_id, self.ann)
        self.assertFalse(step.escalated_at)
        self.assertEqual(step.due_at, utc("2026-03-25 10:00:00"))

    def test_who_submits_or_approves_reads_why_no_clock_can_run(self):
        self._close_hours(self.cy)
        request = self._submit()
        with self.assertRaisesRegex(UserError, "no working hours"), self.cr.savepoint():
            request.with_user(self.ann).action_approve()
        self.assertEqual(request.status, "pending")
        self._close_hours(self.ann)
        with self.assertRaisesRegex(UserError, "no working hours"), self.cr.savepoint():
            self._submit()
        self.employees[self.ann].resource_calendar_id = False
        self.env.company.resource_calendar_id = False
        with (
            self.assertRaisesRegex(UserError, "Set the company.s working hours"),
            self.cr.savepoint(),
        ):
            self._submit()

    def test_who_changes_the_priority_reads_why_no_clock_can_run(self):
        request = self._submit(priority="express")
        self._close_hours(self.ann)
        with self.assertRaisesRegex(UserError, "no working hours"), self.cr.savepoint():
            request.action_change_priority()
        self.assertEqual(request.priority, "express")

    def test_a_hold_that_cannot_end_holds_up_no_other(self):
        requests = self._submit() | self._submit()
        failing, other = requests
        limit = "2026-03-23 14:00:00"
        for request in requests:
            request.with_user(self.ann).action_hold("Offer", limit)
        calendars = self.env["kpi.tat.calendar"]
        self._get_row(failing, self.ann).calendar_id = calendars._get_stored(
            WorkCalendar("UTC"), "Closed"
        )
        with self._at("2026-03-23 15:00:00"), self.assertLogs(HOLD, "WARNING"):
            self.env["kpi.tat.hold"]._sweep_due()
        self.assertEqual(other.status, "pending")
        self.assertEqual(other.sudo().hold_ids.date_to, utc(limit))
        self.assertEqual(failing.status, "on_hold")
        self.assertIn("no working hours", self._list_notes(failing))
        again = fields.Datetime.to_string(failing.sudo().hold_ids.limit_at)
        self.assertEqual(again, "2026-03-24 15:00:00")

    def test_the_same_hours_made_by_two_at_once_are_made_again_or_found(self):
        """Who reads an older state is run again; a sweep finds what is there now."""
        hours, kind = WorkCalendar("UTC", (Attendance(6, 3, 4.5),)), "kpi.tat.calendar"
        domain = [("fingerprint", "=", hours.fingerprint)]
        with self.env.registry.cursor() as first, self.env.registry.cursor() as second:
            second.execute("SELECT 1 FROM kpi_tat_calendar LIMIT 1")
            stored = self.env(cr=first)[kind]._get_stored(hours, "Sunday")
            number = stored.id
            first.commit()
            try:
                with (
                    self.assertRaises(psycopg2.errors.SerializationFailure),
                    mute_logger("odoo.sql_db"),
                ):
                    self.env(cr=second)[kind]._get_stored(hours, "Sunday")
                second.rollback()
                again = self.env(cr=second)[kind]._get_stored(hours, "Sunday")
                self.assertEqual(again.id, number)
                self.assertEqual(again.search_count(domain), 1)
                second.rollback()
            finally:
                stored.unlink()
                first.execute(
                    "DELETE FROM kpi_claim WHERE key = %s",
                    [f"working hours {hours.fingerprint}"],
                )
                first.commit()
