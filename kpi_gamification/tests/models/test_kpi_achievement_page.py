import json
from datetime import date

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .award_case import BAD, GOOD, AwardCase

MOST_STATEMENTS = {"page": 60, "brief": 20, "form": 60}


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
        for part in ("awards", "streaks", "next", "collection", "challenges"):
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
        page = self._as(self.ann)
        said = json.dumps([page.get_mine(), page.get_standings()], default=str)
        self.assertNotIn("Hidden Ben", said)
        self._show(self.ben).choose("shown")
        (shown,) = self._as(self.ann).get_standings()["feed"]
        self.assertEqual(shown["person"], "Hidden Ben")
        self.assertNotIn("points", shown)

    def test_more_people_and_awards_take_no_more_statements(self):
        for person in (self.ann, self.ben, self.user, self.manager):
            self._of(person, [GOOD, GOOD])
        self._achievement({"kind": "green", "least": 1}, date_from="2026-01-01")
        awards = self._decide()
        # As the web client asks, which names the language.
        page = self._as(self.ann).with_context(lang="en_US", tz="UTC")
        for number in range(3):
            self._start_goal(f"Goal {number}", self.ann | self.ben | self.user)
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
        self.assertLessEqual(few, MOST_STATEMENTS["page"])
        self.assertLessEqual(count(page.get_brief), MOST_STATEMENTS["brief"])
        self.assertEqual(len(page.get_mine()["goals"]), 3)
        self.assertEqual(len(page.get_standings()["feed"]), 6)
        one = count(lambda: page._list_awards(mine[:1].with_prefetch()))
        self.assertLessEqual(count(lambda: page._list_awards(mine)), one)

    def test_the_form_of_officers_takes_few_statements(self):
        for person in (self.ann, self.ben, self.user, self.manager):
            self._of(person, [GOOD, GOOD])
        conditions = ({"kind": "green", "least": 1}, {"kind": "streak", "least": 2})
        achievement = self._achievement(*conditions, date_from="2026-01-01")
        self._decide()
        form = achievement.with_user(self.officer).with_context(
            allowed_company_ids=self.company.ids, lang="en_US", tz="UTC"
        )
        shown = {}
        for field in etree.fromstring(form.get_view(view_type="form")["arch"]).iter(
            "field"
        ):
            spec = shown
            for outer in reversed([*field.iterancestors("field")]):
                spec = spec[outer.get("name")].setdefault("fields", {})
            spec[field.get("name")] = {}
        form.web_read(shown)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        (values,) = form.web_read(shown)
        self.assertIn("Feb 2026", values["preview"])
        self.assertLessEqual(self.cr.sql_log_count - before, MOST_STATEMENTS["form"])

    def _start_goal(self, name, people):
        """A team goal that they accepted."""
        report = self.env["kpi.report"].search([("user_id", "=", self.ann.id)], limit=1)
        challenges = self.env["kpi.challenge"].with_user(self.officer)
        challenges = challenges.with_context(allowed_company_ids=self.company.ids)
        challenge = challenges.create(
            {
                "name": name,
                "challenge_type": "goal",
                "date_from": "2026-03-10",
                "last_date": "2026-03-31",
                "definition_ids": report.definition_id.ids,
                "common_goal": 600,
                "member_ids": [Command.create({"user_id": one.id}) for one in people],
            }
        )
        challenge.sudo().member_ids.write({"answer": "accepted"})
        return challenge

    def test_a_level_follows_what_was_earned_and_not_what_is_left(self):
        self._of(self.ann, [GOOD])
        self._achievement({"kind": "green", "least": 1}, points_value=120)
        self._decide()
        level = self._as(self.ann).get_mine()["level"]
        self.assertEqual((level["number"], level["name"]), (2, "Explorer"))
        self.assertAlmostEqual(level["ratio"], 0.7)
        self.assertEqual((level["missing"], level["next"]), (30, 3))
        reward = self.env["kpi.reward"].create(
            {"name": "Lunch", "price": 100, "company_id": self.company.id}
        )
        reward.with_env(self._as(self.ann).env).action_order()
        page = self._as(self.ann).get_mine()
        self.assertEqual((page["points"], page["level"]), (20, level))
        own = [
            {"name": name, "least_points": points, "company_id": self.company.id}
            for name, points in (("Rookie", 10), ("Star", 100))
        ]
        self.env["kpi.achievement.level"].create(own)
        level = self._as(self.ann).get_mine()["level"]
        self.assertEqual((level["number"], level["name"]), (2, "Star"))
        self.assertEqual((level["ratio"], level["missing"]), (1, False), "the last")
        level = self._as(self.ben).get_mine()["level"]
        self.assertEqual((level["number"], level["missing"]), (0, 10))

    def test_the_strip_shows_what_a_freeze_saved(self):
        self.company.gamification_freeze_every = 2
        report = self._of(self.ann, [GOOD, GOOD, BAD, GOOD])
        self._achievement({"kind": "streak", "least": 3})
        self._decide()
        page = self._as(self.ann).get_mine()
        (streak,) = page["streaks"]
        self.assertEqual(streak["report_id"], report.id)
        self.assertEqual(streak["title"], "3 months on target")
        marks = [each["mark"] for each in page["strip"]]
        self.assertEqual(marks, ["h", "h", "f", "h", "o"])
        labels = [each["label"] for each in page["strip"]]
        self.assertEqual(labels[2:], ["Jan 2026", "Feb 2026", "Mar 2026"])

    def test_one_streak_for_each_kpi_the_longest_first(self):
        self._of(self.ann, [None, GOOD, GOOD, GOOD])
        longest = self._of(self.ann, [GOOD, GOOD + 1, GOOD + 2, GOOD + 3])
        for streak_type in ("target_met", "improvement", "consistency"):
            self._achievement(
                {"kind": "streak", "streak_type": streak_type, "least": 3}
            )
        self._decide()
        streaks = self._as(self.ann).get_mine()["streaks"]
        self.assertEqual(len(streaks), 2)
        self.assertEqual(streaks[0]["report_id"], longest.id)
        self.assertEqual(streaks[0]["title"], "4 months on target")

    def test_the_collection_has_counts_and_what_can_be_earned(self):
        self._of(self.ann, [GOOD, GOOD])
        self._achievement(
            {"kind": "green", "least": 1}, name="Green", date_from="2026-01-01"
        )
        self._achievement({"kind": "streak", "least": 12}, name="Year")
        self._decide()
        self.env["kpi.achievement"].search([("name", "=", "Green")]).rarity = "epic"
        green, year = self._as(self.ann).get_mine()["collection"]
        self.assertEqual((green["name"], green["count"]), ("Green", 2))
        self.assertEqual(green["rarity"], "common", "with which it was earned")
        self.assertEqual((year["count"], year["glyph"]), (0, "year"))
        self.assertEqual(self._as(self.ben).get_mine()["collection"], [])

    def test_of_what_was_earned_since_the_last_visit_the_rarest_is_celebrated(self):
        self._of(self.ann, [GOOD])
        for name, rarity in (("Green", "common"), ("Rare one", "epic")):
            self._achievement({"kind": "green", "least": 1}, name=name, rarity=rarity)
        self._decide()
        page = self._as(self.ann)
        for answer in (page.get_mine(), page.get_brief()):
            shown = answer["celebration"]
            self.assertEqual((shown["name"], shown["others"]), ("Rare one", 1))
            self.assertEqual((shown["rarity"], shown["points"]), ("epic", 10))
        self.assertIs(self._as(self.ben).get_mine()["celebration"], False)
        awards = self.awards.with_env(page.env)
        self.awards.with_env(self._as(self.ben).env).mark_celebrated()
        self.assertTrue(page.get_mine()["celebration"], "others mark their own")
        awards.mark_celebrated()
        self.assertIs(page.get_mine()["celebration"], False, "once, no queue")

    def test_what_is_held_is_celebrated_when_it_is_released(self):
        report = self._of(self.ann, [GOOD])
        self._achievement({"kind": "green", "least": 1})
        award = self._decide()
        self._correct(report, "2026-02", BAD)
        page = self._as(self.ann)
        self.assertIs(page.get_mine()["celebration"], False)
        officer = award.with_user(self.officer)
        officer.with_context(allowed_company_ids=self.company.ids).action_release()
        self.assertEqual(page.get_mine()["celebration"]["id"], award.id)

    def test_what_is_next_is_in_words(self):
        self._of(self.ann, [GOOD, GOOD])
        self._achievement({"kind": "streak", "least": 4}, date_from="2026-03-01")
        (row,) = self._as(self.ann).get_mine()["next"]
        self.assertEqual(row["needs"], "2 more months on target")
        self.assertEqual(row["criteria"], "On target 4 months running.")

    def test_the_week_has_what_moved(self):
        self._of(self.ann, [GOOD])
        self._achievement({"kind": "green", "least": 1}, points_value=30)
        self._decide()
        week = self._as(self.ann).get_mine()["week"]
        moved = {"points": 30, "points_before": 0, "awards": 1, "kudos": 0}
        self.assertEqual(week, moved)


@tagged("post_install", "-at_install")
class TestKpiAchievementReview(AwardCase):
    """What officers decide is one list; nobody else reads it."""

    def test_held_ones_and_changes_are_in_one_list(self):
        report = self._of(self.ann, [GOOD])
        self._achievement({"kind": "green", "least": 1})
        award = self._decide()
        self._correct(report, "2026-02", BAD)
        self.assertEqual(award.state, "held")
        self.env["kpi.gamification.change"].with_user(self.officer)._note(
            "archived",
            [
                {
                    "definition_id": report.definition_id.id,
                    "company_id": self.company.id,
                }
            ],
        )
        review = self.env["kpi.achievement.review"]
        review = review.with_context(allowed_company_ids=self.company.ids)
        held, change = review.with_user(self.officer).get_items()
        self.assertEqual((held["kind"], held["id"]), ("held", award.id))
        self.assertEqual(held["person"], self.ann.name)
        self.assertIn("Corrected", held["reason"])
        self.assertTrue(held["can_decide"])
        self.assertEqual(change["kind"], "change")
        self.assertFalse(change["can_decide"], "by whom it was changed")
        with self.assertRaises(AccessError):
            review.with_user(self.ann).get_items()
