from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..deal_case import DealCase


class TestKpiDealMove(DealCase):
    def _form(self, deal, **context):
        action = deal.with_context(**context).action_move()
        return Form(self.env["kpi.deal.move"].with_context(**action["context"]))

    def test_a_move_is_told_with_a_note_and_its_moment(self):
        deal = self._deal()
        form = self._form(deal)
        form.to_stage = "negotiation"
        form.note = "Met at the fair"
        form.moved_at = "2026-01-20 15:00:00"
        form.save().action_move()
        event = deal.stage_event_ids.sorted("id")[-1]
        self.assertEqual(
            (event.to_stage, event.note), ("negotiation", "Met at the fair")
        )
        self.assertEqual(str(event.effective_at), "2026-01-20 15:00:00")

    def test_a_lost_deal_asks_for_the_reason(self):
        deal = self._deal()
        form = self._form(deal, to_stage="closed_lost")
        self.assertEqual(form.to_stage, "closed_lost")
        with self.assertRaises(AssertionError):
            form.save()
        form.lost_reason_id = self.reason
        form.save().action_move()
        self.assertEqual(deal.status, "closed_lost")

    def test_the_next_stage_is_proposed(self):
        for stage, following in (
            ("lead_captured", "qualification"),
            ("awaiting_closure", "closed_won"),
            ("closed_won", False),
        ):
            with self.subTest(stage):
                form = self._form(self._deal(pipeline_stage=stage))
                self.assertEqual(form.to_stage, following)

    def test_the_stage_must_be_another_one(self):
        form = self._form(self._deal())
        form.to_stage = "lead_captured"
        with self.assertRaises(UserError):
            form.save().action_move()

    def test_a_deal_is_reopened_with_a_reason(self):
        deal = self._deal(pipeline_stage="negotiation")
        deal.pipeline_stage = "closed_won"
        action = deal.with_user(self.manager).action_ask_reopen()
        dialogs = self.env["kpi.deal.reopening"].with_user(self.manager)
        form = Form(dialogs.with_context(**action["context"]))
        with self.assertRaises(AssertionError):
            form.save()
        form.reason = "The contract was not signed"
        self.assertEqual(form.to_stage, "negotiation")
        self.assertFalse(form.is_overdue)
        self.assertTrue(form.was_won)
        form.save().action_reopen()
        self.assertEqual((deal.status, deal.pipeline_stage), ("open", "negotiation"))
        event = deal.stage_event_ids.sorted("id")[-1]
        self.assertEqual(
            (event.from_stage, event.to_stage, event.note),
            ("closed_won", "negotiation", "The contract was not signed"),
        )
        self.assertTrue(deal.verify_history()["is_whole"])

    def test_a_deal_whose_expected_close_has_passed_gets_a_new_one(self):
        today = fields.Date.context_today(self.env["kpi.deal"])
        past, next_week = (fields.Date.add(today, days=days) for days in (-9, 7))
        dialogs = self.env["kpi.deal.reopening"].with_user(self.manager)
        for chosen in (next_week, False):
            deal = self._deal(pipeline_stage="negotiation", expected_close_date=past)
            lost = {"pipeline_stage": "closed_lost", "lost_reason_id": self.reason.id}
            deal.write(lost)
            action = deal.with_user(self.manager).action_ask_reopen()
            form = Form(dialogs.with_context(**action["context"]))
            self.assertTrue(form.is_overdue)
            form.reason = "The buyer is back"
            form.expected_close_date = chosen
            form.save().action_reopen()
            self.assertEqual(deal.expected_close_date, chosen or past)
            self.assertEqual(deal.is_overdue, not chosen)
            self.assertTrue(deal.verify_history()["is_whole"])

    def test_a_card_that_leaves_a_closed_column_asks_for_a_reason(self):
        deal = self._deal(pipeline_stage="negotiation")
        deal.pipeline_stage = "closed_won"
        dropped = deal.with_context(to_stage="proposal")
        with self.assertRaises(AccessError):
            dropped.with_user(self.agent).action_ask_reopen()
        action = dropped.with_user(self.manager).action_ask_reopen()
        dialogs = self.env["kpi.deal.reopening"].with_user(self.manager)
        form = Form(dialogs.with_context(**action["context"]))
        self.assertEqual(form.to_stage, "proposal")
        form.reason = "The contract was not signed"
        form.save().action_reopen()
        self.assertEqual((deal.status, deal.pipeline_stage), ("open", "proposal"))
        event = deal.stage_event_ids.sorted("id")[-1]
        self.assertEqual(event.note, "The contract was not signed")

    def test_moving_a_closed_deal_needs_a_note(self):
        deal = self._deal()
        deal.pipeline_stage = "closed_won"
        dialogs = self.env["kpi.deal.move"].with_user(self.manager)
        form = Form(dialogs.with_context(default_deal_ids=deal.ids))
        form.to_stage = "proposal"
        with self.assertRaises(AssertionError):
            form.save()
        form.note = "The buyer is back"
        form.save().action_move()
        self.assertEqual(
            deal.stage_event_ids.sorted("id")[-1].note, "The buyer is back"
        )

    def test_the_reason_of_a_cancelled_deal_is_in_its_chatter(self):
        deal = self._deal()
        deal.action_cancel()
        deal.with_user(self.manager)._reopen("The buyer is back")
        self.assertEqual(deal.status, "open")
        self.assertIn("The buyer is back", deal.message_ids[:1].body)

    def test_the_value_of_a_won_deal_is_final(self):
        deal = self._deal(estimated_value_amount=100.0)
        form = Form(deal.with_user(self.agent))
        form.confidence = 0.5
        form.estimated_value_amount = 110.0
        form.save()
        deal.pipeline_stage = "closed_won"
        form = Form(deal.with_user(self.agent))
        with self.assertRaises(AssertionError):
            form.estimated_value_amount = 120.0
        with self.assertRaises(AssertionError):
            form.confidence = 0.6
        with self.assertRaises(AccessError):
            deal.with_user(self.agent)._reopen("By mistake")

    def test_deals_of_others_are_not_moved(self):
        deal = self._deal()
        for user in (self.other, self.viewer):
            moves = self.env["kpi.deal.move"].with_user(user)
            with self.subTest(user.login), self.assertRaises(AccessError):
                moves.create(
                    {"deal_ids": deal.ids, "to_stage": "proposal"}
                ).action_move()
        self.assertEqual(deal.pipeline_stage, "lead_captured")

    def test_columns_of_closed_deals_start_folded(self):
        self._deal()
        groups = self.env["kpi.deal"].with_context(read_group_expand=True)
        found = groups.formatted_read_group([], ["pipeline_stage"], ["__count"])
        folded = [g["pipeline_stage"] for g in found if g.get("__fold")]
        self.assertEqual(len(found), 10)
        self.assertEqual(folded, ["closed_won", "closed_lost"])
