from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .award_case import BAD, GOOD, AwardCase

STREAK = {"kind": "streak", "least": 3}
LATE_DAYS = 2  # entries of February are due then; it is decided on the sixth


@tagged("post_install", "-at_install")
class TestKpiStreakTypes(AwardCase):
    """Each type of streak, what excuses days, and conditions beside streaks."""

    def _streak(self, report, streak_type="target_met"):
        return self.env["kpi.performance.streak"].search(
            [("kpi_id", "=", report.id), ("streak_type", "=", streak_type)]
        )

    def test_each_type_counts_its_own(self):
        cases = {
            # 101.4 is written 101: that is no better
            "improvement": ([100, 101, 101.4, 103], (1, 1)),
            # within a tenth of the median, which is 105
            "consistency": ([105, 105, 130, 105], (1, 2)),
            # the stretch is 130
            "excellence": ([130, 120, 130, 140], (2, 2)),
        }
        reports = {}
        for streak_type, (values, _expected) in cases.items():
            reports[streak_type] = self._of(self.ann, values)
            self._achievement({**STREAK, "streak_type": streak_type})
        reports["excellence"].target_ids.stretch = 130
        self.env.cr.execute(
            "UPDATE kpi_target_value SET stretch = 130 WHERE report_id = %s",
            reports["excellence"].ids,
        )
        self._decide()
        for streak_type, (values, expected) in cases.items():
            streak = self._streak(reports[streak_type], streak_type)
            found = (streak.current_streak, streak.best_streak)
            self.assertEqual(found, expected, f"{streak_type} of {values}")

    def test_days_off_end_no_streak_of_days(self):
        kpi = self._entered("Calls", {}, target=100, scope=self.ann, frequency="day")
        self._set_written(kpi.target_ids, "2020-01-01")
        # Monday the 16th to Friday the 27th; nothing is reached at the weekend.
        days = [date(2026, 2, 16) + timedelta(days=number) for number in range(12)]
        rows = [(kpi.id, day, GOOD if day.weekday() < 5 else 0.0) for day in days]
        self.env["kpi.measurement"]._upsert("day", rows, source="manual")
        kpi._refresh_current()
        self._achievement(
            {**STREAK, "least": 10}, grain="day", date_from="2026-02-27", points_value=1
        )
        award = self._decide().filtered(lambda one: one.user_id == self.ann)
        self.assertEqual(award.mapped("period_start"), [date(2026, 2, 27)])
        streak = self._streak(kpi)
        self.assertEqual((streak.current_streak, streak.grain), (10, "day"))

    def test_when_it_began_is_ones_own(self):
        """It would say, with the number, how often somebody was away or missed it."""
        report = self._of(self.ann, [GOOD, GOOD, GOOD, GOOD])
        self._achievement(STREAK)
        self._decide()
        self._own(self.ann, self.env["kpi.gamification.choice"]).choose("shown")
        own, others = (
            self._own(person, self._streak(report))
            for person in (self.ann, self.officer)
        )
        self.assertEqual(own.since, date(2025, 11, 1))
        self.assertEqual((others.current_streak, others.since), (4, False))
        with self.assertRaises(AccessError):
            others.read(["streak_start_date"])
        with self.assertRaises(AccessError):
            others.search([("streak_start_date", "<", "2026-01-01")])

    def test_steady_is_by_the_basis_and_since_they_came_back(self):
        steady = {"kind": "streak", "streak_type": "consistency", "least": 1}
        report = self._of(self.ann, [100, 100, 100, 100])
        self._achievement(STREAK, date_from="2025-11-01")
        self._decide()
        for month in ("2025-11", "2025-12", "2026-01"):
            self._correct(report, month, 50)
        # The middle is 100 by what was rated then, 50 by what is known now.
        for basis, is_earned in (("judged", True), ("now", False)):
            achievement = self._achievement(steady, basis=basis)
            self._decide()
            found = self.awards.search([("achievement_id", "=", achievement.id)])
            self.assertEqual(bool(found), is_earned, basis)

    def test_steady_counts_nothing_of_before_they_came_back(self):
        self._of(self.ann, [50, 50, 100, 100])
        self.env["kpi.gamification.choice"].create(
            {
                "user_id": self.ann.id,
                "company_id": self.company.id,
                "choice": "hidden",
                "counts_from": "2026-01-01",
            }
        )
        steady = {"kind": "streak", "streak_type": "consistency", "least": 2}
        self._achievement(steady)
        self.assertEqual(self._decide().user_id, self.ann)

    def test_first_in_the_team(self):
        kpi = self._of(self.ann, [100])
        for person, value in ((self.ben, 110), (self.user, 120)):
            self._of(person, [value], kpi)
        team = self.env["kpi.team"].create(
            {"name": "Alpha", "company_id": self.company.id}
        )
        for person in (self.ann, self.ben):
            self.env["kpi.team.member"].create(
                {"team_id": team.id, "user_id": person.id, "date_from": "2026-01-01"}
            )
        self.env["kpi.membership"]._refresh()
        first = {"kind": "first", "definition_id": kpi.definition_id.id}
        self._achievement({**first, "within": "team"})
        self.assertEqual(self._decide().user_id, self.ben)

    def test_better_than_a_year_ago(self):
        kpi = self._of(self.ann, [100, 110])
        self._of(self.ben, [100, 110], kpi)
        for person, before in ((self.ann, 100), (self.ben, 109)):
            own = kpi.definition_id.report_ids.filtered(
                lambda one, person=person: one.user_id == person
            )
            self._fill(own, {"2025-02": before})
        better = {"kind": "better", "least": 10, "definition_id": kpi.definition_id.id}
        year = self._achievement({**better, "compared_with": "year"})
        self.assertIn("better than a year ago", year.criteria)
        self.assertEqual(self._decide().user_id, self.ann)

    def test_what_was_entered_too_late_earns_nothing_by_any_kind(self):
        report = self._of(self.ann, [50, None])
        self._of(self.ben, [50, 60], report)
        self._of(self.user, [50, 40], report)
        report.entry_date_from = date(2026, 2, 1)
        report.definition_id.entry_due_days = LATE_DAYS
        of_kpi = {"definition_id": report.definition_id.id}
        kinds = ({"kind": "better", **of_kpi}, {"kind": "first", **of_kpi})
        for basis in ("judged", "now"):
            for condition in kinds:
                self._achievement(condition, basis=basis)
        self.env["kpi.entry.duty"]._refresh()
        self.assertEqual(self._decide().user_id, self.ben)
        self._own(self.ann, report)._enter_value(date(2026, 2, 1), GOOD)
        self.closings._review_marked()
        earned = self.awards.search([("state", "!=", "revoked")])
        self.assertEqual(earned.user_id, self.ben)
        self.assertEqual(len(earned), 4)

    def test_the_preview_says_who_cannot_earn_it(self):
        self._of(self.ann, [GOOD, BAD])
        achievement = self._achievement({"kind": "green", "least": 1})
        staff = self.env["res.users"].search_count(self.company._get_staff_domain())
        said = achievement.preview.splitlines()[-1]
        self.assertEqual(said, f"People without a matching KPI: {staff - 1}")

    def test_a_kpi_of_another_company_is_no_condition(self):
        other = self._create_company("South")
        there = self.env["kpi.definition"].create(
            {"name": "Secret", "company_id": other.id}
        )
        with self.assertRaisesRegex(UserError, "belongs to"):
            self._achievement({"kind": "first", "definition_id": there.id})
