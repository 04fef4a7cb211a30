import json
from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time

from ..commission_case import CommissionCase

LATER = datetime(2999, 1, 1)  # than these tests run


class TestKpiDealClosing(CommissionCase):
    def _closed(self, day="2026-03-02", **values):
        with freeze_time("2026-01-05 10:00:00"):
            deal = self._deal(estimated_value_amount=100.0, **values)
        deal.with_context(moved_at="2026-02-01 10:00:00").pipeline_stage = "proposal"
        with freeze_time("2026-02-20 10:00:00"):
            deal.estimated_value_amount = 120.0
            self.env.flush_all()
        deal.write({"pipeline_stage": "closed_won", "actual_close_date": day})
        return deal

    def _correct(self, deal, day, user=None):
        deal.with_user(user or self.boss)._correct_closing(
            date.fromisoformat(day), "Signed then"
        )
        self.env.invalidate_all()

    def _spells(self, deal):
        """Days and stages as KPIs of past stocks count them, without repetitions."""
        spells = self.env["kpi.deal.stage.interval"].search(
            [("deal_id", "=", deal.id)], order="date_from"
        )
        found = []
        for spell in spells:
            self.assertEqual(
                spell.status == "open", spell.pipeline_stage != "closed_won"
            )
            if not found or found[-1][1] != spell.pipeline_stage:
                found.append((str(spell.date_from.date()), spell.pipeline_stage))
        self.assertFalse(spells[-1].date_to)
        return found

    def _assert_closed_on(self, deal, day):
        self.assertEqual(str(deal.actual_close_date), day)
        self.assertEqual(str(deal.stage_since.date()), day)
        self.assertEqual(
            self._spells(deal),
            [
                ("2026-01-05", "lead_captured"),
                ("2026-02-01", "proposal"),
                (day, "closed_won"),
            ],
        )
        self.assertTrue(deal.verify_history()["is_whole"])

    def test_every_correction_counts_and_nothing_is_rewritten(self):
        deal = self._closed()
        for day in (
            "2026-02-10",
            "2026-04-01",
            "2026-02-25",
            "2026-05-05",
            "2026-03-02",
            "2026-02-01",
        ):
            events = {each: each.read() for each in deal.stage_event_ids}
            with self.subTest(day):
                self._correct(deal, day)
                self._assert_closed_on(deal, day)
                for event, before in events.items():
                    after = event.read()
                    for row in (*before, *after):
                        row.pop("duration_seconds")
                    self.assertEqual(after, before)

    def test_a_deal_that_was_opened_again_can_have_been_closed_before_that(self):
        deal = self._closed()
        boss = deal.with_user(self.boss).with_context(move_note="By mistake")
        later = boss.with_context(moved_at="2026-05-04 10:00:00")
        later.pipeline_stage = "negotiation"
        later.with_context(moved_at="2026-06-01 10:00:00").pipeline_stage = "closed_won"
        self._correct(deal, "2026-05-20")  # what came before it stays
        self.assertEqual(
            self._spells(deal)[2:],
            [
                ("2026-03-02", "closed_won"),
                ("2026-05-04", "negotiation"),
                ("2026-05-20", "closed_won"),
            ],
        )
        for day in ("2026-03-20", "2026-02-10", "2026-06-10", "2026-03-02"):
            with self.subTest(day):
                self._correct(deal, day)
                self._assert_closed_on(deal, day)

    def test_the_audit_log_says_both_days_and_why(self):
        deal = self._closed()
        self._correct(deal, "2026-02-10")
        entry = self.env["kpi.audit.log"].search(
            [
                ("model", "=", "kpi.deal"),
                ("res_id", "=", deal.id),
                ("event_type", "=", "deal_closing_corrected"),
            ]
        )
        self.assertEqual(
            json.loads(entry.text)["values"],
            {"closed_on": "2026-02-10", "closed_on_before": "2026-03-02"},
        )
        self.assertEqual(deal.stage_event_ids.sorted("id")[-1].note, "Signed then")

    def test_performance_and_cycle_times_follow(self):
        deal = self._closed()
        performance = self.env["kpi.agent.performance"]
        for day, expected in (("2026-03-02", 56), ("2026-02-10", 36)):
            if str(deal.actual_close_date) != day:
                self._correct(deal, day)
            performance.search([]).unlink()
            performance._take(date(2026, 3, 31), self.company, LATER)
            row = performance.search([("agent_id", "=", self.agent.id)])
            self.assertEqual(row.deals_closed_won, 1)
            self.assertAlmostEqual(row.avg_cycle_days, expected, 0)

    def test_the_worth_is_that_of_the_right_day(self):
        self._rate(self.dollar, "2026-01-01", 1.25)
        self._rate(self.dollar, "2026-03-01", 2.0)
        deal = self._closed(currency_id=self.dollar.id)
        self.assertEqual(deal.company_amount, 60.0)
        self._correct(deal, "2026-02-25")
        self.assertEqual(deal.company_amount, 96.0)
        for day, amount in (
            ("2026-04-01", 60.0),
            ("2026-02-26", 96.0),
            ("2026-03-03", 60.0),
        ):
            self._correct(deal, day)
            self.assertEqual(deal.company_amount, amount)
            self._assert_closed_on(deal, day)

    def test_what_changed_after_the_closing_stays(self):
        deal = self._closed()
        with freeze_time("2026-04-10 10:00:00"):
            deal.estimated_value_amount = 150.0  # as its opportunity says
            self.env.flush_all()
        for day in ("2026-02-10", "2026-03-20", "2026-02-25", "2026-03-03"):
            self._correct(deal, day)
            self._assert_closed_on(deal, day)
            self.assertEqual(deal.estimated_value_amount, 150.0)

    def test_commissions_move_to_the_period_of_the_right_day(self):
        plan = self._plan("percentage", rate=0.1, period="month")
        deal = self._closed()
        commission = deal.commission_ids
        self.assertEqual(commission.plan_id, plan)
        self._correct(deal, "2026-02-25")
        self.assertEqual(deal.commission_ids, commission)
        self.assertEqual(str(commission.earned_on), "2026-02-25")
        self.assertEqual(commission.net_amount, 12.0)

    def test_only_administrators_correct_and_only_to_days_that_can_be(self):
        deal = self._closed()
        for user in (self.agent, self.manager):
            with self.assertRaises(AccessError):
                self._correct(deal, "2026-02-10", user)
        for day, words in (
            ("2026-01-31", r"\(start of last open stage\)"),
            ("2999-01-01", "and today"),
            ("2026-03-02", "already has the closing date"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self._correct(deal, day)
        with self.assertRaisesRegex(UserError, "Enter a reason"):
            deal.with_user(self.boss)._correct_closing(date(2026, 2, 10), " ")
        with self.assertRaisesRegex(UserError, "is not closed"):
            self._correct(self._deal("Open"), "2026-02-10")

    def test_the_form_asks_for_day_and_reason(self):
        deal = self._closed().with_user(self.boss)
        action = deal.action_correct_closing()
        wizards = self.env["kpi.deal.closing"].with_user(self.boss)
        form = Form(wizards.with_context(**action["context"]))
        self.assertEqual(str(form.closed_on), "2026-03-02")
        form.day = "2026-02-10"
        with self.assertRaises(AssertionError):
            form.save()
        form.reason = "Signed then"
        form.save().action_correct()
        self.assertEqual(str(deal.actual_close_date), "2026-02-10")
