from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .group_case import GroupCase
from .tat_case import utc


@tagged("post_install", "-at_install")
class TestKpiTatGroup(GroupCase):
    """Clocks that begin again or are corrected, and who of a group is judged."""

    def _recompute(self, request):
        request.sudo()._recompute_clocks(
            "Less time now", with_hours=False, with_allowance=True
        )

    def test_who_is_asked_again_is_allowed_what_the_clock_was_meanwhile(self):
        request = self._ask_group()
        ann, bo = self._get_rows(request)
        self._claim(request, self.bo, "2026-03-23 13:30:00")
        self.group_template.level_ids[0].write(
            {"tat_hours_standard": 3, "tat_hours_express": 2}
        )
        self.group_template.reminder_percents = "90"
        with self._at("2026-03-23 13:45:00"):
            self._recompute(request)
        self.assertEqual((ann.allowed_seconds, bo.allowed_seconds), (21600, 10800))
        self._hand_back(request, self.bo, "2026-03-23 14:00:00")
        self.assertEqual(ann.allowed_seconds, 10800)
        self.assertEqual((ann.tat_hours_standard, ann.tat_hours_express), (3, 2))
        self.assertEqual(ann.reminder_percents, "90")
        self.assertEqual(ann.due_at, bo.due_at)
        self.assertEqual(ann.next_due_at, bo.next_due_at)

    def test_who_is_asked_again_has_claimed_nothing(self):
        """Zoe was asked by Ann, Bo claimed and gives it back to the group."""
        request = self._ask_group()
        with self._at("2026-03-23 13:15:00"):
            request.with_user(self.ann).action_forward(self.zoe.id, "Yours")
        zoe = self._get_row(request, self.zoe)
        self.assertTrue(zoe.is_of_group)
        self._claim(request, self.bo, "2026-03-23 13:30:00")
        self._hand_back(request, self.bo, "2026-03-23 14:00:00")
        self.assertEqual(zoe.clock, "running")
        self.assertEqual(zoe.former_id.approver_id, self.bo)
        self.assertFalse(zoe.claimed_at)
        self.assertTrue(request.with_user(self.zoe).can_claim)

    def test_an_unrelated_correction_leaves_a_breach_of_before(self):
        """Overdue as standard, then express by the clock with much more time."""
        self.template.level_ids[0].tat_hours_express = 80
        request = self._submit()
        row = self._get_row(request, self.ann)
        with self._at("2026-03-24 10:30:00"):
            self._sweep()
            request.sudo().action_change_priority()
            self.assertTrue(row.tat_breached)
        with self._at("2026-03-24 11:30:00"):
            self._hold_later(request, "2026-03-24 11:00", "2026-03-24 11:01")
            self.assertTrue(row.tat_breached)
        with self._at("2026-03-24 12:00:00"):
            request.with_user(self.ann).action_approve()
        self.assertTrue(row.tat_breached)

    def test_what_runs_out_again_is_marked_and_keeps_its_flags(self):
        """Falls due between two looks at the clock: the batch marks it itself."""
        request = self._submit()
        row = self._get_row(request, self.ann)
        with self._at("2026-03-23 16:00:00"):
            self._sweep()
        with self._at("2026-03-24 10:00:01"):
            self._sweep()
            self._hold_later(request, "2026-03-23 14:00", "2026-03-23 15:00")
        self.assertFalse(row.tat_breached)
        overdue = utc("2026-03-24 12:00:01")
        with self._at("2026-03-24 12:00:01"):
            due = row._claim_due(overdue)
            self.assertIn(row, due)
            row._remind(overdue)
        self.env.cr.execute(
            "SELECT tat50_alert_sent, tat75_alert_sent, tat_breached, next_due_at"
            " FROM approval_levels WHERE id = %s",
            [row.id],
        )
        self.assertEqual(self.env.cr.fetchone(), (True, False, True, None))
        self.assertEqual(len(row.alert_ids), 2)

    def _get_outcomes(self, request):
        rows = self.env["kpi.tat.compliance"].search([("request_id", "=", request.id)])
        first = rows.filtered(lambda row: row.level_number == 1)
        return {row.approver_id: row.outcome for row in first}

    def _count_breaches(self):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["kpi.tat.daily.metrics"].search([])
        return sum(rows.mapped("breaches_count"))

    def test_a_late_request_of_a_group_counts_once(self):
        before = self._count_breaches()
        request = self._ask_group()
        with self._at("2026-03-24 10:00:01"):
            self._sweep()
        with self._at("2026-03-24 11:00:00"):
            request.with_user(self.bo).action_approve()
        self.assertEqual(self._count_breaches(), before + 1)
        self.assertEqual(
            self._get_outcomes(request), {self.ann: "cancelled", self.bo: "breached"}
        )

    def test_who_claimed_in_vain_is_judged(self):
        before = self._count_breaches()
        request = self._ask_group()
        self._claim(request, self.bo, "2026-03-23 14:00:00")
        with self._at("2026-03-24 10:00:01"):
            self._sweep()
        with self._at("2026-03-24 11:00:00"):
            request.action_withdraw()
        self.assertEqual(self._count_breaches(), before + 1)
        self.assertEqual(
            self._get_outcomes(request), {self.ann: "cancelled", self.bo: "breached"}
        )

    def test_a_past_hold_in_the_groups_time_is_taken_from_the_group(self):
        request = self._ask_group()
        bo = self._get_row(request, self.bo)
        self._claim(request, self.bo, "2026-03-23 14:00:00")
        with self._at("2026-03-23 15:00:00"):
            self._hold_later(
                request, "2026-03-23 13:15", "2026-03-23 13:30", user=self.bo
            )
            self.assertEqual((bo.taken_over_seconds, bo.own_before), (2700, 0))
            self.assertEqual(bo._count_own(bo._read_now(self._now()).elapsed), 3600)
            self._hold_later(  # half of it in the time of either
                request, "2026-03-23 13:50", "2026-03-23 14:10", user=self.bo
            )
            request.with_user(self.bo).action_approve()
        self.assertEqual(bo.elapsed_seconds, 7200 - 900 - 1200)
        self.assertEqual((bo.taken_over_seconds, bo.own_seconds), (2100, 3000))

    def _now(self):
        return fields.Datetime.now()

    def test_a_past_hold_before_a_claim_of_the_level_before_is_the_groups(self):
        """The clock has stopped meanwhile; what it was due at moves, too."""
        request = self._ask_group()
        bo = self._get_row(request, self.bo)
        self._claim(request, self.bo, "2026-03-23 14:00:00")
        with self._at("2026-03-23 14:30:00"):
            request.with_user(self.bo).action_approve()
        self.assertEqual(bo.due_at, utc("2026-03-24 10:00"))
        with self._at("2026-03-23 15:30:00"):
            request.with_user(self.cy).action_hold("Quote")
        with self._at("2026-03-23 15:40:00"):
            request.with_user(self.cy).action_resume()
            self._hold_later(
                request, "2026-03-23 13:00", "2026-03-23 13:30", user=self.cy
            )
        self.assertEqual(bo.clock, "stopped")
        self.assertEqual((bo.elapsed_seconds, bo.own_seconds), (3600, 1800))
        # the hold of the next level concerns it no more
        self.assertEqual(bo.due_at, utc("2026-03-24 10:30"))
        self.assertEqual(bo.overdue_at, utc("2026-03-24 10:30:01"))
        self.assertFalse(bo.next_due_at)

    def test_a_past_hold_before_a_hand_over_that_is_over_is_refused(self):
        request = self._submit()
        with self._at("2026-03-23 14:00:00"):
            request.with_user(self.ann).action_forward(self.bo.id, "On leave")
        bo = self._get_row(request, self.bo)
        with self._at("2026-03-23 15:00:00"):
            request.with_user(self.bo).action_approve()
        before = bo.elapsed_seconds
        with self._at("2026-03-23 15:30:00"):
            with (
                self.assertRaisesRegex(ValidationError, "the hold cannot start before"),
                self.cr.savepoint(),
            ):
                self._hold_later(
                    request, "2026-03-23 13:30", "2026-03-23 14:10", user=self.cy
                )
            self._hold_later(
                request, "2026-03-23 14:00", "2026-03-23 14:10", user=self.cy
            )
        self.assertEqual(bo.elapsed_seconds, before - 600)

    def _find_past(self, request):
        rows = self.env["kpi.tat.risk"]._find_past(request.company_id, self._now())
        kind = (self.group_template.id, 1, "standard")
        return rows.get(kind, self.env["kpi.tat.level"]).approver_id

    def test_the_risk_is_learned_from_one_row_of_a_group(self):
        request = self._ask_group()
        self.assertEqual(len(self._find_past(request)), 1)  # nobody has claimed it
        self._claim(request, self.bo, "2026-03-23 14:00:00")
        self.assertEqual(self._find_past(request), self.bo)
        self._hand_back(request, self.bo, "2026-03-23 14:30:00")
        self.assertEqual(len(self._find_past(request)), 1)
        with self._at("2026-03-23 15:00:00"):
            request.with_user(self.bo).action_approve()
        self.assertEqual(self._find_past(request), self.bo)

    def test_a_group_that_lets_its_time_run_out_is_judged(self):
        """Its level was skipped: nobody of it acted, which is no one's success."""
        self.group_template.level_ids[0].timeout_action = "skip"
        request = self._ask_group()
        with self._at("2026-03-24 10:00:01"):
            self._sweep()
        self.env.flush_all()
        self.assertEqual(
            self._get_outcomes(request), dict.fromkeys(self.ann | self.bo, "breached")
        )
        self.assertEqual(len(self._find_past(request)), 1)

    def test_of_a_group_only_who_decided_is_counted_by_kpis(self):
        request = self._ask_group()
        with self._at("2026-03-24 10:00:01"):
            self._sweep()
        with self._at("2026-03-24 11:00:00"):
            request.with_user(self.bo).action_approve()
        ann, bo = self._get_rows(request)
        self.assertEqual((ann.is_left_to_others, bo.is_left_to_others), (True, False))
        self.assertFalse(self._get_row(request, self.cy).is_left_to_others)
