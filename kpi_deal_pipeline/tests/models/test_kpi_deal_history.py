import json
from datetime import datetime

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ..deal_case import DealCase

WON = {"pipeline_stage": "closed_won"}


class TestKpiDealHistory(DealCase):
    def _stages(self, deal):
        events = deal.stage_event_ids.sorted("id")
        return [(event.from_stage, event.to_stage) for event in events]

    def test_every_move_is_an_event_and_an_entry_of_the_log(self):
        deal = self._deal()
        deal.pipeline_stage = "proposal"  # skips two
        deal.with_context(move_note="Call with Ms Roy").pipeline_stage = "qualification"
        deal.write(WON)
        self.assertEqual(
            self._stages(deal),
            [
                (False, "lead_captured"),
                ("lead_captured", "proposal"),
                ("proposal", "qualification"),
                ("qualification", "closed_won"),
            ],
        )
        back = deal.stage_event_ids.sorted("id")[2]
        self.assertEqual(back.note, "Call with Ms Roy")
        text = json.loads(back.audit_log_id.text)
        self.assertEqual(text["event_type"], "deal_stage_transition")
        self.assertEqual(text["values"]["to_stage"], "qualification")
        self.assertNotIn("Roy", back.audit_log_id.text)
        self.assertEqual(self._faults(deal), [])

    def test_a_note_can_be_erased_and_the_chain_stays_whole(self):
        deal = self._deal()
        deal.with_context(move_note="Call with Ms Roy").pipeline_stage = "proposal"
        event = deal.stage_event_ids.sorted("id")[-1]
        personal = self.env["kpi.audit.personal"]
        personal.search([("log_id", "=", event.audit_log_id.id)])._erase("request 12")
        self.env.invalidate_all()
        self.assertFalse(event.note)
        self.assertEqual(self._faults(deal), [])

    def test_the_same_stage_again_is_no_move(self):
        deal = self._deal()
        deal.write({"pipeline_stage": "lead_captured", "confidence": 0.0})
        self.assertEqual(len(deal.stage_event_ids), 1)
        self.assertEqual(len(deal.value_event_ids), 1)

    def test_closing_follows_from_the_stage(self):
        deal = self._deal()
        deal.write({**WON, "actual_close_date": "2026-03-02"})
        self.assertEqual(deal.status, "closed_won")
        self.assertEqual(str(deal.actual_close_date), "2026-03-02")
        self.assertEqual(deal.stage_since.date(), deal.actual_close_date)
        self.assertEqual(
            deal.value_event_ids.sorted("id").mapped("status"), ["open", "closed_won"]
        )

    def test_a_lost_deal_says_why(self):
        deal = self._deal()
        with self.assertRaisesRegex(UserError, "Lost Reason"):
            deal.pipeline_stage = "closed_lost"
        deal.write({"pipeline_stage": "closed_lost", "lost_reason_id": self.reason.id})
        self.assertEqual(deal.status, "closed_lost")

    def test_a_stage_asks_for_its_fields(self):
        stage = self.env.ref("kpi_deal_pipeline.kpi_deal_stage_proposal")
        stage.required_field_ids = self.env["ir.model.fields"]._get(
            "kpi.deal", "expected_close_date"
        )
        deal = self._deal()
        with self.assertRaisesRegex(UserError, "fill in Expected Close before"):
            deal.pipeline_stage = "proposal"
        deal.write({"pipeline_stage": "proposal", "expected_close_date": "2026-12-01"})
        self.assertEqual(deal.pipeline_stage, "proposal")

    def test_only_managers_open_closed_deals_again(self):
        deal = self._deal()
        deal.pipeline_stage = "negotiation"
        deal.write(WON)
        with self.assertRaises(AccessError):
            deal.with_user(self.agent).pipeline_stage = "proposal"
        deal.with_user(self.manager)._reopen("By mistake")
        self.assertEqual((deal.pipeline_stage, deal.status), ("negotiation", "open"))
        self.assertFalse(deal.actual_close_date)
        self.assertEqual(len(deal.stage_event_ids), 4)

    def test_a_cancelled_deal_keeps_its_stage_and_can_be_reopened(self):
        deal = self._deal()
        deal.with_user(self.agent).action_cancel()
        self.assertEqual(deal.status, "cancelled")
        self.assertEqual(deal.pipeline_stage, "lead_captured")
        with self.assertRaises(UserError):
            deal.action_cancel()
        with self.assertRaises(AccessError):
            deal.with_user(self.agent).action_reopen()
        deal.with_user(self.manager)._reopen("By mistake")
        self.assertEqual(deal.status, "open")
        self.assertEqual(self._faults(deal), [])

    def test_no_closed_deal_is_reopened_without_a_reason(self):
        won, lost, cancelled = (
            self._deal(name) for name in ("Won", "Lost", "Canceled")
        )
        won.write(WON)
        lost.write({"pipeline_stage": "closed_lost", "lost_reason_id": self.reason.id})
        cancelled.action_cancel()
        for deal in won | lost | cancelled:
            deal = deal.with_user(self.manager)
            for note in (None, " "):
                told = deal.with_context(move_note=note)
                with self.subTest(deal.title, note=note):
                    with self.assertRaisesRegex(UserError, "Enter a reason"):
                        told.action_reopen()
                    with self.assertRaisesRegex(UserError, "Enter a reason"):
                        told.pipeline_stage = "proposal"
            deal.with_context(move_note="By mistake").pipeline_stage = "proposal"
            self.assertEqual((deal.status, deal.pipeline_stage), ("open", "proposal"))
            self.assertEqual(deal.stage_event_ids.sorted("id")[-1].note, "By mistake")

    def test_value_and_currency_of_a_won_deal_are_final(self):
        deal = self._deal(estimated_value_amount=1000.0)
        deal.write(WON)
        changes = {"estimated_value_amount": 2000.0, "currency_id": self.dollar.id}
        for user in (self.agent, self.manager):
            own = deal.with_user(user)
            with self.assertRaisesRegex(UserError, "Estimated Value, Currency. A deal"):
                own.write(changes)
            with self.assertRaisesRegex(UserError, "Quay 7 is won.*: Currency. A deal"):
                own.currency_id = self.dollar
            own.write({"estimated_value_amount": 1000.0, "title": "Quay 8"})  # the same
            deal.title = "Quay 7"
        self.assertEqual(deal.estimated_value_amount, 1000.0)
        manager = deal.with_user(self.manager).with_context(move_note="Other price")
        manager.write({"pipeline_stage": "proposal", "estimated_value_amount": 900.0})
        deal.with_user(self.agent).write({**WON, "estimated_value_amount": 950.0})
        self.assertEqual(
            (deal.status, deal.estimated_value_amount), ("closed_won", 950)
        )

    def test_a_move_can_be_dated_back_to_the_one_before(self):
        deal = self._deal()
        told = deal.with_context(moved_at="2026-02-01 10:00:00")
        told.pipeline_stage = "proposal"
        event = deal.stage_event_ids.sorted("id")[-1]
        self.assertEqual(event.effective_at, datetime(2026, 2, 1, 10))
        self.assertGreater(event.recorded_at, event.effective_at)
        for moment in ("2026-01-31 00:00:00", "2999-01-01 00:00:00", "soon"):
            with self.subTest(moment), self.assertRaises(UserError):
                deal.with_context(moved_at=moment).pipeline_stage = "agreement"

    def test_durations_are_derived_from_the_moments(self):
        deal = self._deal()
        deal.with_context(moved_at="2026-01-07 09:00:00").pipeline_stage = "proposal"
        deal.with_context(moved_at="2026-01-10 09:00:00").write(WON)
        self.assertEqual(
            deal.stage_event_ids.sorted("id").mapped("duration_seconds"),
            [2 * 86400, 3 * 86400, 0],
        )

    def test_the_present_stage_lasts_until_now(self):
        with freeze_time("2026-01-06 09:00:00"):
            deal = self._deal()
            self.assertEqual(deal.stage_event_ids.duration_seconds, 86400)

    def test_status_and_history_are_the_engines(self):
        deal = self._deal().with_user(self.agent)
        for values in (
            {"status": "closed_won"},
            {"stage_since": "2026-01-01 00:00:00"},
            {"weighted_amount": 1.0},
            {"uuid": "x"},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                deal.write(values)
        for values in ({"opened_at": "2025-01-01 00:00:00"}, {"company_id": 1}):
            with self.subTest(values), self.assertRaises(UserError):
                deal.write(values)
        with self.assertRaises(UserError):
            deal.sudo().unlink()

    def test_events_cannot_be_changed_by_anybody(self):
        deal = self._deal()
        for table in ("agent_deal_stage_events", "agent_deal_value_events"):
            for statement in (
                f"UPDATE {table} SET recorded_at = now()",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                with (
                    self.subTest(statement),
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(psycopg2.IntegrityError),
                    self.cr.savepoint(),
                ):
                    self.cr.execute(statement)
        with self.assertRaises(UserError):
            deal.stage_event_ids.sudo().write({"to_stage": "closed_won"})

    def test_a_user_of_the_history_cannot_be_deleted(self):
        self._deal()
        with self.assertRaises(UserError):
            self.agent.unlink()

    def test_every_change_of_value_is_kept(self):
        deal = self._deal(estimated_value_amount=1000.0, confidence=0.5)
        deal.write({"estimated_value_amount": 1200.0, "title": "Quay 8"})
        deal.write({"expected_close_date": "2026-12-24"})
        deal.write({"agent_id": self.other.id})
        deal.write({"title": "Quay 9"})
        events = deal.value_event_ids.sorted("id")
        self.assertEqual(
            events.mapped("estimated_value_amount"), [1000.0, 1200.0, 1200.0, 1200.0]
        )
        self.assertEqual(events.mapped("agent_id"), self.agent | self.other)
        self.assertEqual(self._faults(deal), [])

    def test_many_deals_take_a_constant_number_of_statements(self):
        deals = self.env["kpi.deal"].create(
            [
                {"title": f"Deal {n}", "agent_id": self.agent.id, "confidence": 0.1}
                for n in range(60)
            ]
        )
        deals[0].write(WON)
        self.env.flush_all()
        counts = []
        for part in (deals[1:10], deals[10:]):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            part.write(WON)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertLess(counts[0], 20)

    def test_intervals_tell_how_a_deal_was_at_any_moment(self):
        deal = self._deal(estimated_value_amount=100.0, confidence=0.5)
        with freeze_time("2026-01-08 12:00:00"):
            deal.estimated_value_amount = 200.0
        deal.with_context(moved_at="2026-01-10 09:00:00").pipeline_stage = "proposal"
        with freeze_time("2026-02-01 12:00:00"):
            deal.write(WON)
        rows = self.env["kpi.deal.stage.interval"].search(
            [("deal_id", "=", deal.id)], order="date_from"
        )
        expected = [
            (datetime(2026, 1, 5, 9), "lead_captured", "open", 100.0, 50.0),
            (datetime(2026, 1, 8, 12), "lead_captured", "open", 200.0, 100.0),
            (datetime(2026, 1, 10, 9), "proposal", "open", 200.0, 100.0),
            (datetime(2026, 2, 1, 12), "closed_won", "closed_won", 200.0, 100.0),
        ]
        names = (
            "date_from",
            "pipeline_stage",
            "status",
            "estimated_value_amount",
            "weighted_amount",
        )
        self.assertEqual([tuple(row[name] for name in names) for row in rows], expected)
        self.assertEqual(
            rows.mapped("date_to"), [row[0] for row in expected[1:]] + [False]
        )
        before = rows.read(load=None)
        self.env["kpi.deal.stage.interval"]._rebuild()
        again = self.env["kpi.deal.stage.interval"].search(
            [("deal_id", "=", deal.id)], order="date_from"
        )
        for old, new in zip(before, again.read(load=None), strict=True):
            self.assertEqual({**old, "id": 0}, {**new, "id": 0})

    def test_a_closed_deal_can_be_entered_afterwards(self):
        deal = self._deal(**WON, actual_close_date="2026-02-10")
        self.assertEqual(
            self._stages(deal),
            [(False, "lead_captured"), ("lead_captured", "closed_won")],
        )
        self.assertEqual(str(deal.actual_close_date), "2026-02-10")
        self.assertEqual(deal.status, "closed_won")
        rows = self.env["kpi.deal.stage.interval"].search([("deal_id", "=", deal.id)])
        self.assertEqual(rows.mapped("status"), ["closed_won", "open"])

    def test_deals_that_stay_too_long_are_marked(self):
        stage = self.env.ref("kpi_deal_pipeline.kpi_deal_stage_lead_captured")
        stage.norm_days = 10
        old, new = self._deal(), self._deal(opened_at=fields.Datetime.now())
        self.assertTrue(old.is_rotting)
        self.assertFalse(new.is_rotting)
        both = [("id", "in", (old | new).ids)]
        deals = self.env["kpi.deal"]
        self.assertEqual(deals.search([*both, ("is_rotting", "=", True)]), old)
        self.assertEqual(deals.search([*both, ("is_rotting", "=", False)]), new)
        stage.norm_days = 0
        self.env.invalidate_all()
        self.assertFalse(old.is_rotting)
