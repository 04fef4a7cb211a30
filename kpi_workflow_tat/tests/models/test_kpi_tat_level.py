from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .tat_case import TatCase, utc


@tagged("post_install", "-at_install")
class TestKpiTatLevel(TatCase):
    """Clocks of approvers."""

    def test_a_clock_begins_when_somebody_is_asked(self):
        request = self._submit()
        first, second = (
            self._get_row(request, self.ann),
            self._get_row(request, self.cy),
        )
        self.assertEqual((first.clock, second.clock), ("running", "waiting"))
        self.assertFalse(second.due_at)
        # 6 h from Monday 14:00: 17:00, Tuesday 9:30, 11:00; late a second later
        self.assertEqual(first.tat50_due_at, utc("2026-03-23 16:00"))
        self.assertEqual(first.tat75_due_at, utc("2026-03-24 08:30"))
        self.assertEqual(first.due_at, utc("2026-03-24 10:00"))
        self.assertEqual(first.overdue_at, utc("2026-03-24 10:00:01"))
        self.assertEqual(first.next_due_at, first.tat50_due_at)
        with self._at("2026-03-23 15:30:00"):
            request.with_user(self.ann).action_approve()
        self.assertEqual((first.clock, second.clock), ("stopped", "running"))
        self.assertEqual((first.elapsed_seconds, first.wall_seconds), (9000, 9000))
        self.assertEqual(second.level_start_time, utc("2026-03-23 15:30"))

    def test_express_counts_every_hour(self):
        request = self._submit(priority="express")
        row = self._get_row(request, self.ann)
        self.assertEqual(row.due_at, utc("2026-03-23 17:00"))
        self.assertEqual(row.overdue_at, utc("2026-03-23 17:00:01"))

    def test_handing_over_keeps_the_clock(self):
        request = self._submit()
        ann = self._get_row(request, self.ann)
        with self._at("2026-03-24 08:00:00"):  # 4 h later
            request.with_user(self.ann).action_forward(self.bo.id, "On leave")
        bo = self._get_row(request, self.bo)
        self.assertEqual((ann.clock, ann.elapsed_seconds), ("stopped", 4 * 3600))
        self.assertFalse(ann.decided_at)
        self.assertEqual((bo.clock, bo.elapsed_before), ("running", 4 * 3600))
        self.assertEqual(bo.former_id, ann)
        self.assertEqual(bo.overdue_at, utc("2026-03-24 10:00:01"))
        self.assertEqual(bo.level_start_time, ann.level_start_time)
        with self._at("2026-03-24 09:00:00"):  # and back
            request.with_user(self.bo).action_forward(self.ann.id, "I am back")
        self.assertEqual((ann.clock, ann.elapsed_before), ("running", 5 * 3600))
        self.assertEqual(ann.overdue_at, utc("2026-03-24 10:00:01"))
        with self._at("2026-03-24 09:30:00"):
            request.with_user(self.ann).action_approve()
        self.assertEqual(ann.elapsed_seconds, 5.5 * 3600)
        self.assertTrue(ann.decided_at)

    def test_the_clock_of_another_content_decides_nothing(self):
        request = self._submit()
        row = self._get_row(request, self.ann).with_user(self.ann)
        request.action_withdraw()
        request.amount = 999999.0
        request.action_submit()
        with self.assertRaisesRegex(UserError, "changed since"):
            row.action_approve()
        dialog = row.action_reject()
        dialogs = self.env["kpi.tat.decision"].with_user(self.ann)
        with self.assertRaisesRegex(UserError, "changed since"):
            dialogs.with_context(**dialog["context"]).create(
                {"comment": "No"}
            ).action_confirm()
        new = request.level_ids.sorted("id") - row.sudo()
        new.filtered(lambda one: one.approver_id == self.ann).with_user(
            self.ann
        ).action_approve()
        self.assertEqual(request.approval_level, 2)

    def test_a_breach_shows_its_hours_while_it_is_open(self):
        request = self._submit()
        with self._at("2026-03-24 11:00:00"):  # an hour late
            self.env["kpi.tat.level"]._sweep_due()
            rows = self.env["kpi.tat.compliance"].search(
                [("request_id", "=", request.id), ("outcome", "=", "breached")]
            )
            self.assertIs(rows.tat_hours_elapsed, False)
            self.assertEqual(rows.hours_until_now, 7)
        with self._at("2026-03-24 13:00:00"):
            self.env.invalidate_all()
            self.assertEqual(rows.hours_until_now, 8)
            request.with_user(self.ann).action_reject("Too dear")
        with self._at("2026-03-25 13:00:00"):
            self.env.flush_all()
            rows.invalidate_recordset()
            self.assertEqual((rows.tat_hours_elapsed, rows.hours_until_now), (8, 8))
            (line,) = rows._get_file_rows(["hours_until_now", "reason"])
            self.assertEqual(line, [8, "Too dear"])

    def test_a_leaver_hands_over_with_the_clock(self):
        request = self._submit()
        with self._at("2026-03-23 15:00:00"):
            request.sudo()._find_steps("asked").write({"user_id": self.bo.id})
        ann, bo = self._get_row(request, self.ann), self._get_row(request, self.bo)
        self.assertEqual((ann.clock, bo.clock), ("stopped", "running"))
        self.assertEqual(bo.elapsed_before, 2 * 3600)

    def test_all_of_a_level_have_a_clock_each(self):
        template = self._make_template([(self.ann, self.bo), (self.cy,)], rule="all")
        request = self._submit(template_id=template.id)
        with self._at("2026-03-23 15:00:00"):
            request.with_user(self.ann).action_approve()
        ann, bo = self._get_row(request, self.ann), self._get_row(request, self.bo)
        self.assertEqual((ann.clock, bo.clock), ("stopped", "running"))
        with self._at("2026-03-24 07:00:00"):
            request.with_user(self.bo).action_approve()
        self.assertEqual((ann.elapsed_seconds, bo.elapsed_seconds), (7200, 3 * 3600))

    def test_a_hold_stops_the_clocks(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        due = dict(request._get_approval_facts())["Due"]
        self.assertRegex(due, r"^Mar \d+, .+ \(.+\)$")
        with self._at("2026-03-23 14:00:00"):
            request.with_user(self.ann).action_hold("Waiting for the quote")
        self.assertEqual((request.status, row.clock), ("on_hold", "held"))
        self.assertIn(("Status", "On Hold"), request._get_approval_facts())
        self.assertFalse(row.due_at)
        self.assertFalse(row.next_due_at)
        with self.assertRaisesRegex(UserError, "on hold"), self.cr.savepoint():
            request.with_user(self.ann).action_approve()
        with self._at("2026-03-24 07:00:00"):  # 2 h of Monday
            request.with_user(self.ann).action_resume()
        self.assertEqual((request.status, row.clock), ("pending", "running"))
        self.assertEqual(row.due_at, utc("2026-03-24 13:00"))
        with self._at("2026-03-24 09:00:00"):
            request.with_user(self.ann).action_approve()
        self.assertEqual(row.elapsed_seconds, 3 * 3600)
        self.assertEqual(row.wall_seconds, 20 * 3600)

    def test_a_hold_ends_at_its_limit(self):
        request = self._submit()
        limit = utc("2026-03-23 15:00")
        request.with_user(self.ann).action_hold("Quote", limit)
        holds = self.env["kpi.tat.hold"]
        self.assertEqual(holds._sweep_due(), limit)
        self.assertEqual(request.status, "on_hold")
        with self._at("2026-03-23 15:00:00"):
            self.assertIsNone(holds._sweep_due())
        self.assertEqual(request.status, "pending")

    def test_who_has_no_part_in_it_holds_nothing(self):
        request = self._submit()
        with self.assertRaises(UserError), self.cr.savepoint():
            request.action_hold("Mine")
        with self.assertRaises(ValidationError), self.cr.savepoint():
            request.with_user(self.ann).action_hold(" ")

    def test_a_changed_priority_keeps_what_has_elapsed(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        with self._at("2026-03-23 15:00:00"):
            request.action_change_priority()
        self.assertEqual((row.elapsed_before, row.allowed_seconds), (7200, 4 * 3600))
        self.assertEqual(row.due_at, utc("2026-03-23 17:00"))
        self.assertEqual(row.level_start_time, utc("2026-03-23 13:00"))

    def test_later_holidays_change_nothing(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": utc("2026-03-23 23:00"),
                "date_to": utc("2026-03-24 22:59:59"),
            }
        )
        with self._at("2026-03-24 08:00:00"):
            self.assertEqual(row._read_now(utc("2026-03-24 08:00")).elapsed, 4 * 3600)
        # who is asked from now on has the day off
        another = self._get_row(self._submit(), self.ann)
        self.assertEqual(another.due_at, utc("2026-03-25 10:00"))
        self.assertNotEqual(another.calendar_id, row.calendar_id)
        third = self._get_row(self._submit(), self.ann)
        self.assertEqual(third.calendar_id, another.calendar_id)

    def test_the_statement_adds_up(self):
        request = self._submit()
        row = self._get_row(request, self.ann).with_user(self.ina)
        with self._at("2026-03-24 08:00:00"):
            statement = row.get_statement()
            self.assertEqual(
                [(one["kind"], one["seconds"]) for one in statement],
                [("counted", 3 * 3600), ("closed", 0), ("counted", 3600)],
            )
            row.invalidate_recordset()
            self.assertEqual(row.tat_hours_elapsed, 4)
            self.assertEqual(row.tat_hours_remaining, 2)
            self.assertIn("4:00", row.statement)
            self.assertRegex(row.statement, r"Mon, Mar 23, \d+:00 [AP]M<")

    def test_in_test_mode_an_hour_lasts_a_minute(self):
        with self.patch_environ("true"):
            request = self._submit()
        row = self._get_row(request, self.ann)
        self.assertTrue(request.is_test)
        self.assertEqual(row.tat50_due_at, utc("2026-03-23 13:03"))
        self.assertEqual(row.tat75_due_at, utc("2026-03-23 13:04:30"))
        self.assertEqual(row.overdue_at, utc("2026-03-23 13:06:01"))
        with self.patch_environ("false"):
            self.assertFalse(self._submit().is_test)

    def patch_environ(self, value):
        return patch.dict("os.environ", {"TAT_TEST_MODE": value})

    def test_what_a_template_says_later_changes_nothing(self):
        request = self._submit()
        self.template.level_ids.tat_hours_standard = 1
        request.with_user(self.ann).action_approve()
        row = self._get_row(request, self.cy)
        self.assertEqual(row.allowed_seconds, 6 * 3600)
        self.assertEqual(row.due_at - row.tat_start_time, timedelta(hours=21))
