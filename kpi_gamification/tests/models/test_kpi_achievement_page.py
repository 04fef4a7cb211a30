import json
from datetime import date

from odoo.tests import tagged

from .award_case import BAD, GOOD, AwardCase


@tagged("post_install", "-at_install")
class TestKpiAchievementPage(AwardCase):
    """What somebody sees of their own, and of those who show it."""

    def _as(self, person):
        page = self.env["kpi.achievement.page"].with_user(person)
        return page.with_context(allowed_company_ids=self.company.ids)

    def _show(self, person):
        choices = self.env["kpi.gamification.choice"].with_user(person)
        return choices.with_context(allowed_company_ids=self.company.ids)

    def test_an_empty_page_has_what_it_says(self):
        shown = self._as(self.ann).get_mine()
        self.assertEqual(shown["points"], 0)
        self.assertEqual(shown["choice"], "hidden")
        for part in ("awards", "streaks", "next", "wall", "challenges"):
            self.assertEqual(shown[part], [], part)

    def test_own_awards_with_their_share_and_why(self):
        self._of(self.ann, [GOOD, GOOD, GOOD])
        self._of(self.ben, [GOOD, BAD, GOOD])
        self._achievement({"kind": "streak", "least": 3}, name="<b>Three</b>")
        self._achievement({"kind": "green", "least": 1}, name="Green")
        self._decide().invalidate_model()
        shown = self._as(self.ann).get_mine()
        awards = {award["name"]: award for award in shown["awards"]}
        self.assertEqual(awards.keys(), {"<b>Three</b>", "Green"})
        people = self.env["res.users"].search_count(
            [("share", "=", False), ("company_ids", "in", self.company.ids)]
        )
        least = self.company.gamification_least_people
        self.assertGreaterEqual(people, least)
        self.assertAlmostEqual(awards["<b>Three</b>"]["share"], 1 / people)
        self.assertAlmostEqual(awards["Green"]["share"], 2 / people)
        self.assertTrue(awards["Green"]["has_facts"])
        self.assertEqual(shown["points"], 20)
        (streak,) = shown["streaks"]
        self.assertEqual(
            streak["text"], "3 months on target · best 3 · freezes left: 0"
        )
        self.company.gamification_least_people = people + 1
        award = self._as(self.ann).get_mine()["awards"][0]
        self.assertIs(award["share"], False, "too few to be one of many")

    def test_the_next_says_how_far_and_when_it_is_decided(self):
        self._of(self.ann, [GOOD, GOOD])
        self._achievement({"kind": "streak", "least": 3}, date_from="2026-03-01")
        (row,) = self._as(self.ann).get_mine()["next"]
        self.assertEqual((row["done"], row["least"]), (2, 3))
        self.assertAlmostEqual(row["ratio"], 2 / 3)
        self.assertEqual(row["day"], date(2026, 4, 6), "five days after March")
        self.assertEqual(self._as(self.ben).get_mine()["next"], [], "no KPI, no offer")
        self._of(self.ben, [BAD])
        (row,) = self._as(self.ben).get_mine()["next"]
        self.assertEqual(row["ratio"], 0)
        self.assertEqual(self._as(self.ben).get_brief()["next"], [])
        self.assertEqual(len(self._as(self.ann).get_brief()["next"]), 1)
        self._show(self.ann).choose("out")
        self.assertEqual(self._as(self.ann).get_mine()["next"], [])

    def test_people_are_offered_what_they_can_earn(self):
        report = self._of(self.ann, [GOOD])
        other = self._of(self.ben, [GOOD])
        named = {"definition_id": report.definition_id.id}
        conditions = {
            "Green": {"kind": "green"},
            "Streak": {"kind": "streak", **named},
            "Better": {"kind": "better", **named},
            "First": {"kind": "first", **named},
            "Coached": {"kind": "coached"},
            "Entries": {"kind": "entry"},
        }
        self.patch(
            type(self.env["kpi.achievement.page"]), "_list_wall", lambda _own: []
        )
        for name, condition in conditions.items():
            achievement = self._achievement(
                condition, name=name, date_from="2026-03-01"
            )
            for person, names in (
                (self.ann, {"Green", "Streak", "Better", "First", "Coached"}),
                (self.ben, {"Green", "Coached"}),
                (self.user, {"Coached"}),
            ):
                offered = {one["name"] for one in self._as(person).get_mine()["next"]}
                with self.subTest(name, of=person.name):
                    self.assertEqual(offered, {name} & names)
            achievement.active = False
        self.assertTrue(other)

    def test_the_overview_and_the_own_kpi_say_it_to_whose_it_is(self):
        report = self._of(self.ann, [GOOD, GOOD, GOOD])
        home = self.env["kpi.home"].with_env(self._as(self.ann).env)
        self.assertNotIn("kpi_gamification.achievements", home._get_panels())
        self._achievement({"kind": "streak", "least": 3})
        self._decide()
        self.assertIn("kpi_gamification.achievements", home._get_panels())
        report.invalidate_recordset()
        own = report.with_env(self._as(self.ann).env)
        self.assertEqual(own.streak, "3 months on target")
        self._fill(report, {"2026-03": 10})  # of 32 to be reached by now
        (at_risk,) = self._as(self.ann).get_brief()["streaks"]
        self.assertEqual(at_risk["kpi"], report.kpi_name)
        self.assertEqual(own.streak, "3 months on target · at risk")
        (row,) = own.get_entry_grid()["rows"]
        self.assertEqual(row["hint"], own.streak)
        others = report.with_env(self._as(self.officer).env)
        self.assertFalse(others.streak, "of a hidden person")
        self._show(self.ann).choose("shown")
        others.invalidate_recordset()
        self.assertEqual(others.streak, "3 months on target")
        self._show(self.ann).choose("out")
        self.assertNotIn("kpi_gamification.achievements", home._get_panels())

    def test_a_hidden_person_is_named_nowhere_to_others(self):
        self._of(self.ann, [GOOD])
        self._of(self.ben, [GOOD])
        self._achievement({"kind": "green", "least": 1})
        self._decide()
        self.ben.name = "Hidden Ben"
        said = json.dumps(self._as(self.ann).get_mine(), default=str)
        self.assertNotIn("Hidden Ben", said)
        self._show(self.ben).choose("shown")
        (shown,) = self._as(self.ann).get_mine()["wall"]
        self.assertEqual(shown["person"], "Hidden Ben")
        self.assertNotIn("points", shown)

    def test_more_people_and_awards_take_no_more_statements(self):
        for person in (self.ann, self.ben, self.user, self.manager):
            self._of(person, [GOOD, GOOD])
        self._achievement({"kind": "green", "least": 1}, date_from="2026-01-01")
        awards = self._decide()
        page = self._as(self.ann)
        mine = awards.filtered(lambda one: one.user_id == self.ann)
        mine = mine.with_env(page.env)
        self.assertEqual(len(mine), 2)

        def count(read):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            read()
            return self.cr.sql_log_count - before

        self._show(self.ben).choose("shown")
        count(page.get_mine)
        few = count(page.get_mine)
        for person in (self.user, self.manager):
            self._show(person).choose("shown")
        self.assertLessEqual(count(page.get_mine), few)
        self.assertEqual(len(page.get_mine()["wall"]), 6)
        one = count(lambda: page._list_awards(mine[:1].with_prefetch()))
        self.assertLessEqual(count(lambda: page._list_awards(mine)), one)
