from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .award_case import BAD, GOOD, AwardCase

GREEN = {"kind": "green", "least": 1}


@tagged("post_install", "-at_install")
class TestKpiGamificationChange(AwardCase):
    """Officers change KPIs in a running period, and what that does to awards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.changes = cls.env["kpi.gamification.change"]
        cls.chief = new_test_user(
            cls.env,
            "change_chief",
            "kpi_base.kpi_base_group_admin",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def _earned(self):
        return {award.user_id for award in self.awards.search([])}

    def _agree(self, waiting):
        self.assertEqual(waiting.state, "waiting")
        with self.assertRaisesRegex(UserError, "Another officer"):
            self._own(self.officer, waiting).action_agree()
        with self.assertRaises(AccessError):
            self._own(self.ann, waiting).action_agree()
        self._own(self.chief, waiting).action_agree()
        self.assertEqual((waiting.state, waiting.decided_by_id), ("agreed", self.chief))

    def test_thresholds_of_a_running_period_count_from_the_next_one(self):
        for basis in ("judged", "now"):
            with self.subTest(basis), self.env.cr.savepoint() as savepoint:
                self._achievement(GREEN, basis=basis)
                with self._at("2026-02-20 09:00:00"):
                    report = self._of(self.ann, [None])
                    report._refresh_current()
                    kpi = self._own(self.officer, report.definition_id)
                    kpi.write({"threshold_1": 40, "threshold_2": 30})
                    waiting = self.changes.search([])
                self.assertEqual(waiting.kind, "thresholds")
                self._fill(report, {"2026-02": BAD})
                held = self.env["kpi.target.value"].search(
                    [("report_id", "=", report.id), ("period_start", "=", "2026-02-01")]
                )
                self.assertEqual(held.status, "on_target", "by what the KPI is now")
                self._decide()
                self.assertFalse(self._earned())
                self._agree(waiting)
                self.assertEqual(self._earned(), {self.ann})
                savepoint.rollback()
            self.env.invalidate_all()

    def test_raised_thresholds_take_nothing(self):
        self._achievement(GREEN)
        with self._at("2026-02-20 09:00:00"):
            report = self._of(self.ann, [None])
            report._refresh_current()
            kpi = self._own(self.officer, report.definition_id)
            kpi.write({"threshold_1": 150, "threshold_2": 140})
        self._fill(report, {"2026-02": GOOD})
        self.assertEqual(self._decide().user_id, self.ann)

    def test_what_is_archived_in_a_period_still_counts_in_it(self):
        ways = {
            "for somebody": lambda report: report,
            "the KPI": lambda report: report.definition_id,
        }
        for way, find in ways.items():
            for value in (BAD, None):  # it was judged, or nothing came any more
                with (
                    self.subTest(way, value=value),
                    self.env.cr.savepoint() as savepoint,
                ):
                    self._achievement(GREEN)
                    self._of(self.ann, [GOOD])
                    with self._at("2026-02-20 09:00:00"):
                        bad = self._of(self.ann, [None])
                        bad._refresh_current()
                    if value is not None:
                        self._fill(bad, {"2026-02": value})
                    with self._at("2026-02-20 09:00:00"):
                        self._own(self.officer, find(bad)).active = False
                    waiting = self.changes.search([])
                    self.assertEqual(waiting.day, date(2026, 2, 20))
                    self._decide()
                    self.assertFalse(self._earned())
                    self._agree(waiting)
                    if way == "for somebody" or value is None:
                        self.assertEqual(self._earned(), {self.ann})
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_ranks_stay_as_well(self):
        board = self.env["kpi.leaderboard"].create(
            {
                "name": "Board",
                "leaderboard_type": "company_wide",
                "company_id": self.company.id,
            }
        )
        self._of(self.ann, [GOOD])
        bad = self._of(self.ann, [BAD])
        own = self._own(self.ann, board)

        def score():
            return own.get_board("2026-02-01")["lines"][0]["score"]

        before = score()
        with self._at("2026-02-20 09:00:00"):
            self._own(self.officer, bad).active = False
        self.assertEqual(score(), before)
        self._agree(self.changes.search([]))
        self.assertGreater(score(), before)

    def test_a_weight_counts_from_the_next_period_on(self):
        board = self.env["kpi.leaderboard"].create(
            {
                "name": "Board",
                "leaderboard_type": "company_wide",
                "company_id": self.company.id,
            }
        )
        self._of(self.ann, [GOOD, GOOD])
        bad = self._of(self.ann, [BAD, BAD])
        own = self._own(self.ann, board)

        def score(month):
            return own.get_board(f"2026-{month}-01")["lines"][0]["score"]

        before = score("02")
        with self._at("2026-02-20 09:00:00"):
            kpi = self._own(self.officer, bad.definition_id)
            kpi.weight = kpi.weight * 4
            kpi.weight = 0  # nor by a second change
        waiting = self.changes.search([])
        self.assertEqual({*waiting.mapped("kind")}, {"weight"})
        self.assertEqual(score("02"), before, "of the running period")
        self.assertEqual(score("01"), GOOD, "as it is now")
        for change in waiting:
            self._agree(change)
        self.assertEqual(score("02"), GOOD)

    def test_programs_and_what_changes_nothing_are_not_noted(self):
        self._achievement(GREEN)
        report = self._of(self.ann, [GOOD])
        kpi = report.definition_id
        self._own(self.officer, kpi).write({"threshold_1": kpi.threshold_1})
        kpi.write({"threshold_1": kpi.threshold_1 + 1})
        report.active = False
        self.assertFalse(self.changes.search([]))
