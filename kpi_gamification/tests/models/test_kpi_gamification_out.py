from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .award_case import BAD, GOOD, AwardCase

STREAK = {"kind": "streak", "least": 1}
GREEN = {"kind": "green", "least": 1}
PEOPLE = (
    "kpi.user.achievement",
    "kpi.performance.streak",
    "kpi.points.entry",
    "kpi.points.balance",
    "kpi.leaderboard.line",
    "kpi.kudos",
    "kpi.challenge.member",
    "kpi.reward.order",
)


@tagged("post_install", "-at_install")
class TestKpiGamificationOut(AwardCase):
    """Who takes no part: nothing is stored of them, and what has passed stays."""

    def _choose(self, choice, day=None):
        choices = self._own(self.ann, self.env["kpi.gamification.choice"])
        if not day:
            return choices.choose(choice)
        with self._at(f"{day} 09:00:00"):
            return choices.choose(choice)

    def _streak(self, report):
        found = self.env["kpi.performance.streak"].search([("kpi_id", "=", report.id)])
        return found.current_streak

    def test_nothing_is_stored_from_that_day(self):
        self._choose("out")
        kpi = self._of(self.ann, [GOOD, GOOD, GOOD])
        self._of(self.ben, [BAD, BAD, BAD], kpi)
        for condition in (STREAK, GREEN, {"kind": "coached"}, {"kind": "entry"}):
            self._achievement(condition)
        of_kpi = {"definition_id": kpi.definition_id.id}
        for kind in ("better", "first"):
            self._achievement({"kind": kind, **of_kpi})
        board = self.env["kpi.leaderboard"].create(
            {
                "name": "Board",
                "leaderboard_type": "company_wide",
                "company_id": self.company.id,
            }
        )
        self._decide()
        board._freeze(date(2026, 2, 1))
        thanks = {
            "user_id": self.ann.id,
            "text": "Thanks",
            "period_start": "2026-02-01",
        }
        with (
            self.assertRaisesRegex(UserError, "does not participate"),
            self.env.cr.savepoint(),
        ):
            self._own(self.ben, self.env["kpi.kudos"]).create(thanks)
        duel = {
            "name": "Duel",
            "company_id": self.company.id,
            "date_from": "2026-03-10",
            "last_date": "2026-03-31",
            "member_ids": [Command.create({"user_id": self.ann.id})],
        }
        with (
            self.assertRaisesRegex(UserError, "does not participate"),
            self.env.cr.savepoint(),
        ):
            self._own(self.ben, self.env["kpi.challenge"]).create(duel)
        for model in PEOPLE:
            found = self.env[model].search([("user_id", "=", self.ann.id)])
            self.assertFalse(found, model)
        self.assertEqual(self.env["kpi.leaderboard.line"].search([]).user_id, self.ben)

    def test_running_challenges_go_on_without_them(self):
        kpi = self._of(self.ann, [GOOD])
        values = {
            "name": "Goals",
            "challenge_type": "individual",
            "company_id": self.company.id,
            "date_from": "2026-02-01",
            "last_date": "2026-02-28",
            "definition_ids": [Command.set(kpi.definition_id.ids)],
            "member_ids": [Command.create({"user_id": self.ann.id, "goal": 1.0})],
        }
        with self._at("2026-02-01 09:00:00"):
            challenge = self._own(self.ben, self.env["kpi.challenge"]).create(values)
            member = challenge.sudo().member_ids
            self._own(self.ann, member.sudo(False)).action_accept()
        self._choose("out")
        self.assertEqual(member.answer, "left")
        challenge.sudo()._end()
        self.assertFalse(member.outcome)

    def test_days_out_never_count_afterwards(self):
        report = self._of(self.ann, [GOOD, GOOD, GOOD, GOOD])
        self._choose("out", "2026-01-10")
        self._choose("out", "2026-02-10")  # once more: they were out all the time
        self._choose("shown", "2026-02-10")
        self._achievement(STREAK, date_from="2026-01-01")
        better = {"kind": "better", "definition_id": report.definition_id.id}
        self._achievement(better, date_from="2026-01-01")
        self.assertFalse(self._decide(), "February began before they were back")
        with self._at("2026-04-10 09:00:00"):
            self._fill(report, {"2026-03": 1.5 * GOOD})
            (award,) = self._decide()
            self.assertEqual(award.period_start, date(2026, 3, 1))
            self.assertEqual(self._streak(report), 1)
            kinds = award.achievement_id.condition_ids.mapped("kind")
            self.assertEqual(kinds, ["streak"], "there is no month to compare with")

    def test_a_slip_of_the_same_day_loses_nothing(self):
        report = self._of(self.ann, [GOOD, GOOD, GOOD, GOOD])
        self._choose("out")
        self._choose("hidden")
        self._achievement(STREAK)
        self.assertEqual(self._decide().user_id, self.ann)
        self.assertEqual(self._streak(report), 4)

    def test_boards_leave_out_what_was_before_they_were_back(self):
        report = self._of(self.ann, [GOOD, GOOD])
        self._of(self.ben, [GOOD, GOOD], report)
        self._choose("out", "2026-01-10")
        self._choose("shown", "2026-02-10")
        board = self.env["kpi.leaderboard"].create(
            {
                "name": "Board",
                "leaderboard_type": "company_wide",
                "company_id": self.company.id,
            }
        )
        for month in (1, 2):
            board._freeze(date(2026, month, 1))
        self.assertEqual(self.env["kpi.leaderboard.line"].search([]).user_id, self.ben)

    def test_corrections_take_nothing_from_who_is_out_or_gone(self):
        report = self._of(self.ann, [GOOD])
        self._achievement(GREEN, basis="now")
        award = self._decide()
        self.assertEqual(award.state, "earned")
        self._choose("out")
        self._correct(report, "2026-02", BAD)
        self.assertEqual(award.state, "earned")
        self._choose("hidden")
        self.ann.active = False
        self._correct(report, "2026-02", BAD + 1)
        self.assertEqual(award.state, "earned")
