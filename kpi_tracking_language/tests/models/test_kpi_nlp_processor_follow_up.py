from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .question_case import QuestionCase


@tagged("post_install", "-at_install")
class TestKpiNlpProcessorFollowUp(QuestionCase):
    """Questions that follow up on the one before, with the current rights."""

    def setUp(self):
        super().setUp()
        self.sales = f"department:{self.department.id}"
        self.before = self.processor.ask("asked visits for January 2026")

    def _follow(self, text, after=None, processor=None):
        asked = self.processor if processor is None else processor
        return asked.ask(text, {}, after or self.before["after"])

    def _changed(self, found):
        return [chip["key"] for chip in found["chips"] if chip["is_changed"]]

    def test_what_is_named_is_other_and_marked(self):
        found = self._follow("and for Asked Sales?")
        self.assertEqual(found["outcome"], "answered")
        self.assertIn("30", found["sentences"][0])
        self.assertEqual(self._changed(found), ["scope"])
        again = self._follow("and December?", found["after"])
        self.assertIn("20", again["sentences"][0])
        self.assertEqual(self._changed(again), ["period"])
        trend = self._follow("as a trend", found["after"])
        self.assertEqual(self._changed(trend), ["kind"])

    def test_a_first_question_marks_nothing(self):
        self.assertFalse(self._changed(self.before))

    def test_a_comparison_shows_with_what(self):
        found = self._follow("compare that to December 2025")
        self.assertEqual(self._changed(found), ["kind", "compare_to"])
        self.assertIn("Compared with Dec 2025", [c["text"] for c in found["chips"]])

    def test_a_chip_can_be_chosen_in_a_question_that_follows_up(self):
        after = self.before["after"]
        found = self.processor.ask("and December?", {"scope": self.sales}, after)
        self.assertIn("20", found["sentences"][0])

    def test_an_alert_on_what_was_asked_for_is_proposed_for_the_same_kpi(self):
        found = self._follow("and for Asked Sales?")
        found = self._follow("alert me if it falls below 5", found["after"])
        self.assertEqual(found["outcome"], "proposed")
        self.assertIn("Asked Sales", found["sentences"][0])

    def test_it_counts_for_ten_minutes(self):
        with freeze_time("2026-03-18 00:09:00"):
            self.assertEqual(self._follow("and December?")["outcome"], "answered")
        with freeze_time("2026-03-18 00:11:00"):
            found = self._follow("and December?")
        self.assertEqual(found["outcome"], "not_understood")
        self.assertIn("no longer", found["sentences"][0])

    def test_of_another_user_only_what_this_one_sees_counts(self):
        stranger = new_test_user(
            self.env, "asked_stranger", "base.group_user,kpi_base.kpi_base_group_user"
        )
        processor = self.processor.with_user(stranger)
        self.visits._track_for("user", self.officer)
        before = self._follow("and for me?")
        after = before["after"]
        scope = {"kind": "person", "ids": [f"user:{self.officer.id}"]}
        found = self._follow("and December?", after | {"scope": scope}, processor)
        self.assertEqual(found["outcome"], "not_understood")
        self.assertNotIn(self.officer.name, str(found))
        # “me” is who asks now
        found = self._follow("and December?", after, processor)
        self.assertNotIn(self.officer.name, str(found))

    def test_names_that_are_not_seen_are_not_answered(self):
        after = self.before["after"]
        for values in (
            {"metrics": ["999999"]},
            {"scope": {"kind": "department", "ids": ["department:999999"]}},
            {"scope": {"kind": "everyone", "excluded": ["x'; DROP TABLE"]}},
            {"conditions": [{"field": "owner", "value": ["user:999999"]}]},
            {"conditions": [{"field": "metric", "value": ["999999"]}]},
        ):
            with self.subTest(values=values):
                found = self._follow("and December?", after | values)
                self.assertEqual(found["outcome"], "not_understood")

    def test_what_is_no_context_is_refused(self):
        after = self.before["after"]
        for wrong in (
            {"kind": "value"},
            after | {"sql": "SELECT 1"},
            after | {"kind": "drop"},
            after | {"metrics": ["x" * 100_000]},
            after | {"metrics": [str(number) for number in range(101)]},
            [after],
            "x" * 100_000,
        ):
            with self.subTest(wrong=str(wrong)[:60]), self.assertRaises(UserError):
                self._follow("and December?", wrong)

    def test_a_question_back_is_not_followed_up(self):
        self.assertIsNone(self.processor.ask("asked flurbs")["after"])
        with self.assertRaises(UserError):
            self._follow("and December?", {"kind": "clarify"})

    def test_statements_of_a_follow_up_are_those_of_a_question(self):
        def count(*asked):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.processor.ask(*asked)
            return self.env.cr.sql_log_count - before

        full = "asked visits for Asked Sales in January 2026"
        count(full)
        follow = count("and for Asked Sales?", {}, self.before["after"])
        self.assertLessEqual(follow, count(full))

    def test_what_was_not_understood_is_offered_without_it(self):
        found = self.processor.ask("flurbish asked visits in January 2026")
        (offered,) = found["candidates"]
        struck = [part["text"] for part in offered["parts"] if part["is_struck"]]
        self.assertEqual(struck, ["flurbish"])
        self.assertEqual(self.processor.ask(offered["question"])["outcome"], "answered")
        unread = self.env["kpi.question.unread"].search([("text", "ilike", "flurbish")])
        self.assertEqual(unread.words, "flurbish")

    def test_names_that_hold_a_word_are_offered_those_with_values_first(self):
        self._definition("Asked Orders Lost", "asked_orders_lost")._track_for(
            "company", self.env.company
        )
        names = [
            one["question"]
            for one in self.processor.ask("visits last month")["candidates"]
        ]
        self.assertIn("Asked Visits last month", names)
        found = self.processor.ask("and flurbish visits?", {}, self.before["after"])
        for offered in found["candidates"]:
            again = self.processor.ask(offered["question"], {}, self.before["after"])
            self.assertEqual(again["outcome"], "answered")

    def test_many_unknown_words_cost_no_more(self):
        start = self.env.cr.sql_log_count
        found = self.processor.ask(" ".join(f"flurbish{n}" for n in range(45)))
        self.assertEqual(found["candidates"], [])
        self.assertLess(self.env.cr.sql_log_count - start, 40)
