from datetime import timedelta
from unittest.mock import patch

import numpy as np

from odoo import fields
from odoo.tests import tagged

from ...engine.breach_risk import ENOUGH_TO_JUDGE, ENOUGH_TO_LEARN
from .past_case import ALLOWED, PastCase
from .tat_case import MONDAY_14

ENOUGH = 4 * (ENOUGH_TO_LEARN + ENOUGH_TO_JUDGE)


@tagged("post_install", "-at_install")
class TestKpiTatRisk(PastCase):
    """The risk of open levels, from past ones that are drawn at random."""

    def _draw_past(self, taken, company=None, **values):
        """Levels that took so many seconds, one begun each hour until now."""
        request = self._submit(**values)
        row = self._get_row(request, self.ann)
        self.env.flush_all()
        start = fields.Datetime.to_datetime(MONDAY_14)
        own = {"company_id": company.id} if company else {}
        for number, seconds in enumerate(reversed(taken)):
            begun = start - timedelta(hours=12 + number)
            self._insert_past(row, begun, int(seconds), **own)
        self.env.invalidate_all()
        return request

    def _learn(self, company=None):
        risks = self.env["kpi.tat.risk"]._learn(company or self.env.company)
        return risks.filtered(lambda one: one.template_id == self.template)

    def _draw_decided(self, seed=1):
        """Most are decided soon; what waited for 3 hours is late as often as not."""
        return 5 * 3600 * np.random.default_rng(seed).weibull(0.6, ENOUGH)

    def _has_column(self):
        arch = self.env["kpi.tat.level"].get_view(view_type="list")["arch"]
        return "breach_risk" in arch

    def test_the_risk_is_that_of_levels_which_waited_as_long(self):
        self.env["kpi.tat.risk"].search([("is_shown", "=", True)]).is_shown = False
        self.assertFalse(self._has_column())
        taken = self._draw_decided()
        request = self._draw_past(taken)
        risk = self._learn()
        self.assertTrue(self._has_column())
        self.assertEqual((risk.reason, risk.level_count), ("better", ENOUGH + 1))
        row = self._get_row(request, self.ann).with_user(self.ann)
        # Asked on Monday at 14:00: at 16:00 two hours of six have elapsed.
        with self._at("2026-03-23 15:00:00"):
            row.invalidate_recordset()
            waited = taken > 2 * 3600
            self.assertAlmostEqual(
                row.breach_risk, np.mean(taken[waited] > ALLOWED), delta=0.02
            )
            self.assertIn("better than the base rate", row.breach_risk_note)
            early = row.breach_risk
        with self._at("2026-03-24 09:00:00"):
            row.invalidate_recordset()
            self.assertGreater(row.breach_risk, early)
            found = row.search([("breach_risk", ">=", early)])
            self.assertIn(row, found)
            self.assertFalse(row.search([("breach_risk", "<", 0.0)]))
        with self._at("2026-03-25 09:00:00"):
            self._sweep()
            row.invalidate_recordset()
            self.assertTrue(row.tat_breached)
            self.assertIs(row.breach_risk, False)
            self.assertFalse(row.breach_risk_note)

    def test_the_filter_looks_at_kinds_that_are_shown_once_each(self):
        self._draw_past(self._draw_decided())
        self._submit(priority="express")
        self._learn()
        rows = self.env["kpi.tat.level"]
        others = [self._get_row(self._submit(), self.ann) for _one in range(3)]
        risks = self.env.registry["kpi.tat.risk"]
        predict = risks._predict
        with patch.object(
            risks, "_predict", autospec=True, side_effect=predict
        ) as predicting:
            found = rows.search([("breach_risk", ">=", 0.0)])
        self.assertLessEqual(set(others), set(found))
        self.assertEqual(set(found.request_id.mapped("priority")), {"standard"})
        self.assertEqual(predicting.call_count, 1)

    def test_noise_is_not_shown_and_says_why(self):
        draw = np.random.default_rng(2)
        request = self._draw_past(ALLOWED * draw.uniform(0.8, 1.2, ENOUGH))
        self.assertEqual(self._learn().reason, "not_better")
        row = self._get_row(request, self.ann).with_user(self.ann)
        self.assertIs(row.breach_risk, False)
        self.assertIn("is not better than the base rate", row.breach_risk_note)

    def test_few_past_levels_are_not_shown_and_say_why(self):
        request = self._submit()
        row = self._get_row(request, self.ann).with_user(self.ann)
        self.assertIn("no similar past levels", row.breach_risk_note)
        self.assertEqual(self._learn().reason, "few")
        row.invalidate_recordset()
        self.assertIs(row.breach_risk, False)
        self.assertIn("too few", row.breach_risk_note)

    def test_other_kinds_and_companies_are_learned_for_themselves(self):
        other = self.env["res.company"].create({"name": "Hill"})
        self._draw_past(self._draw_decided(), company=other)
        express = self._submit(priority="express")
        risks = self._learn()
        self.assertEqual(set(risks.mapped("reason")), {"few"})
        self.assertEqual(set(risks.mapped("priority")), {"standard", "express"})
        self.assertEqual(self._learn(other).reason, "better")
        row = self._get_row(express, self.ann).with_user(self.ann)
        self.assertIs(row.breach_risk, False)

    def test_learning_again_changes_nothing_and_forgets_what_is_gone(self):
        request = self._draw_past(self._draw_decided())
        first = self._learn()
        curve = first.curve
        self.assertEqual(self._learn(), first)
        self.assertEqual(first.curve, curve)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM approval_levels")
        self.env.invalidate_all()
        self.assertFalse(self.env["kpi.tat.risk"]._learn(request.company_id))
        self.assertFalse(first.exists())

    def test_open_levels_count_with_what_has_elapsed(self):
        request = self._draw_past(self._draw_decided())
        row = self._get_row(request, self.ann)
        rows = self.env["kpi.tat.risk"]._find_past(request.company_id, self._now())
        kind = (self.template.id, 1, "standard")
        with self._at("2026-03-23 15:30:00"):
            now = fields.Datetime.now()
            past = self.env["kpi.tat.risk"]._collect_past(rows[kind], now)
        place = rows[kind].ids.index(row.id)
        self.assertEqual(past.elapsed[place], 2.5 * 3600)
        self.assertFalse(past.is_over[place])

    def test_what_was_taken_over_after_the_cutoff_was_not_known_then(self):
        request = self._draw_past(self._draw_decided())
        row = self._get_row(request, self.ann)
        begun = fields.Datetime.to_datetime(MONDAY_14) - timedelta(hours=12 + ENOUGH)
        late = self._insert_past(
            row, begun, 3600, tat_start_time=self._now(), elapsed_before=60
        )
        soon = self._insert_past(
            row, begun, 3600, tat_start_time=begun + timedelta(hours=1)
        )
        self.env.invalidate_all()
        risk = self.env["kpi.tat.risk"]
        rows = risk._find_past(request.company_id, self._now())
        kind = rows[self.template.id, 1, "standard"]
        past = risk._collect_past(kind, self._now())
        ids = kind.ids
        self.assertFalse(past.was_known[ids.index(late)])
        self.assertTrue(past.was_known[ids.index(soon)])

    def _now(self):
        return fields.Datetime.now()

    def test_the_queue_takes_as_many_statements_with_more_rows(self):
        self._draw_past(self._draw_decided())
        self._learn()
        rows = self.env["kpi.tat.level"].with_user(self.ann)
        for _ in range(5):
            self._submit()
        self.env.flush_all()
        found = rows.search(
            [("approver_id", "=", self.ann.id), ("clock", "=", "running")]
        )
        self.assertEqual(len(found), 6)
        counts = []
        for size in (2, 6):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found[:size].mapped("breach_risk")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)
