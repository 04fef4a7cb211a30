from datetime import timedelta

import numpy as np

from odoo import fields
from odoo.tests import Form, tagged

from odoo.addons.kpi_base.engine.worktime import to_datetime, to_instants

from ...wizards.kpi_tat_staffing import ENOUGH
from .past_case import ALLOWED, PastCase
from .tat_case import MONDAY_14


@tagged("post_install", "-at_install")
class TestKpiTatStaffing(PastCase):
    """What a queue would have been like with more people; nothing is stored."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.olga.group_ids = cls.env.ref("kpi_base.kpi_base_group_officer")
        cls.template = cls._make_template([(cls.ann, cls.bo), (cls.cy,)])

    def _serve(self, count, hours_between, hours_each):
        """Requests that Ann and Bo decided on, the next by whoever was free first."""
        request = self._submit()
        row = self._get_row(request, self.ann)
        self.env.flush_all()
        timeline = row.calendar_id._get_timeline()
        rng = np.random.default_rng(4)
        first = to_instants([fields.Datetime.to_datetime(MONDAY_14)])
        now = timeline.seconds_until(first)[0]
        asked = (
            now - 3600 - np.cumsum(rng.exponential(hours_between, count))[::-1] * 3600
        )
        free = {self.ann: -np.inf, self.bo: -np.inf}
        took = []
        for moment, each in zip(asked, rng.exponential(hours_each, count), strict=True):
            who = min(free, key=free.get)
            free[who] = decided = max(free[who], moment) + each * 3600
            begun, stop = (
                to_datetime(one)
                for one in timeline.instant_of(
                    np.array([moment, decided]).astype(np.int64), last=False
                )
            )
            took.append(decided - moment)
            self._insert_past(
                row, begun, int(decided - moment), decided=stop, approver_id=who.id
            )
        self.env.invalidate_all()
        return np.array(took)

    def _open(self, **values):
        form = Form(self.env["kpi.tat.staffing"].with_user(self.olga))
        for name, value in {"template_id": self.template, **values}.items():
            form[name] = value
        return form

    def test_the_busiest_level_is_answered_at_once(self):
        took = self._serve(200, hours_between=1.0, hours_each=1.7)
        dialog = Form(self.env["kpi.tat.staffing"].with_user(self.olga))
        self.assertEqual(dialog.template_id, self.template)
        self.assertEqual(dialog.level_id, self.template.level_ids.sorted()[0])
        self.assertIn("With one more approver", dialog.headline)
        for text in ("1 (−1)", "2 (today)", "3 (+1)", "4 (+2)"):
            self.assertIn(text, str(dialog.answer))
        wizard = (
            self.env["kpi.tat.staffing"]
            .with_user(self.olga)
            .new({"template_id": self.template.id, "days": "90"})
        )
        past = wizard._read_past()
        self.assertEqual(len(past), 202)  # and the two who are asked now
        decided = past.filtered("decided_at")
        handling = wizard._measure_handling(wizard._get_timeline(past), decided)
        # Whole seconds are stored: each is right to a few of them.
        self.assertAlmostEqual(handling.mean() / 3600, 1.7, delta=0.25)
        self.assertNotIn("differs from", dialog.note)
        self.assertGreater(np.median(took), np.median(handling))

    def test_more_people_are_faster_and_the_answer_stays_the_same(self):
        self._serve(150, hours_between=1.0, hours_each=1.7)
        first = self._open()
        self.assertEqual(self._open().answer, first.answer)
        self.assertIn(f"{ENOUGH}", str(ENOUGH))
        shares = [
            float(text.split("style='width:")[1].split("%")[0])
            for text in str(first.answer).split("progress-bar'")[1:]
        ]
        self.assertEqual(shares, sorted(shares))
        self.assertLess(shares[0], shares[-1])

    def test_work_begins_when_a_request_is_claimed(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        self.env.flush_all()
        asked = fields.Datetime.to_datetime("2026-03-16 07:00:00")  # Monday at 8
        for claimed, hours in ((None, 3.0), (asked + timedelta(hours=2), 1.0)):
            past_id = self._insert_past(row, asked, 3 * 3600, claimed_at=claimed)
            past = self.env["kpi.tat.level"].browse(past_id)
            dialog = self.env["kpi.tat.staffing"].new({})
            found = dialog._measure_handling(dialog._get_timeline(past), past)
            self.assertEqual(found.tolist(), [hours * 3600])
            self.env.cr.execute("DELETE FROM approval_levels WHERE id = %s", (past_id,))
            self.env.invalidate_all()

    def test_nothing_is_written(self):
        self._serve(60, hours_between=1.0, hours_each=1.0)
        self.env.flush_all()
        written = (
            "SELECT sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del)"
            " FROM pg_stat_xact_user_tables"
        )
        self.cr.execute(written)
        before = self.cr.fetchone()
        self.assertIn("With one more approver", self._open(days="365").headline)
        self.env.flush_all()
        self.cr.execute(written)
        self.assertEqual(self.cr.fetchone(), before)

    def test_what_cannot_be_answered_says_why(self):
        self._serve(5, hours_between=1.0, hours_each=1.0)
        self.assertIn(f"Needs {ENOUGH} decided requests", self._open().headline)
        self.assertFalse(self._open().answer)
        every = self._make_template([(self.ann, self.bo)], rule="all")
        self.assertIn(
            "More approvers do not speed up", self._open(template_id=every).headline
        )

    def test_other_companies_and_test_requests_are_left_out(self):
        self._serve(60, hours_between=1.0, hours_each=1.0)
        other = self.env["res.company"].create({"name": "Hill"})
        self.env.cr.execute(
            "UPDATE approval_levels SET company_id = %s WHERE clock = 'stopped'",
            (other.id,),
        )
        self.env.invalidate_all()
        self.assertIn("decided requests; 0 in this period", self._open().headline)

    def test_a_stand_in_is_no_member_of_the_team(self):
        self._serve(60, hours_between=1.0, hours_each=1.0)
        row = self.env["kpi.tat.level"].search(
            [("approver_id", "=", self.ann.id), ("clock", "=", "running")]
        )
        begun = fields.Datetime.to_datetime(MONDAY_14) - timedelta(days=3)
        self._insert_past(row, begun, ALLOWED, approver_id=self.cy.id)
        self.env.invalidate_all()
        self.assertIn("2 (today)", str(self._open().answer))
