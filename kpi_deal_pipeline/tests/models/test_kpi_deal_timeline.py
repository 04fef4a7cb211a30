from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from ..deal_case import DealCase

TABLES = ("agent_deal_stage_events", "agent_deal_value_events", "audit_logs")
RESTORED = (
    "audit_logs",
    "kpi_audit_head",
    "kpi_audit_personal",
    "kpi_audit_leaf",
    "kpi_audit_anchor",
    "agent_deal_stage_events",
    "agent_deal_value_events",
)


def euros(amount):
    return f"{amount:,.2f}\N{NO-BREAK SPACE}€"


class TestKpiDealTimeline(DealCase):
    def _tamper(self, statement, *args):
        """Change the history as somebody who owns the database can."""
        self.env.flush_all()
        for table in TABLES:
            self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        self.cr.execute(statement, args)
        for table in TABLES:
            self.cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def _moved(self):
        with freeze_time("2026-01-05 09:00:00"):
            deal = self._deal(estimated_value_amount=1000.0, confidence=0.5)
        deal = deal.with_context(moved_at="2026-01-07 09:00:00", move_note="Ms Roy")
        deal.pipeline_stage = "proposal"
        return deal.with_context(moved_at=None, move_note=None)

    def test_moves_and_values_are_told_latest_first(self):
        deal = self._moved()
        deal.estimated_value_amount = 1500.0
        entries = deal.get_timeline()
        self.assertEqual(
            [entry["title"] for entry in entries],
            [
                f"Estimated value: {euros(1000)} → {euros(1500)}",
                "Stage: Lead Captured → Proposal",
                "Deal opened",
                "Stage: Lead Captured",
            ],
        )
        changed, moved, opened, captured = entries
        self.assertEqual(changed["lines"], [])
        self.assertIn(f"Estimated value: {euros(1000)}", opened["lines"])
        self.assertEqual((moved["note"], captured["seconds"]), ("Ms Roy", 2 * 86400))
        self.assertEqual([entry["seq"] for entry in entries], [4, 3, 2, 1])

    def test_several_changes_at_once_are_named_together(self):
        deal = self._moved()
        deal.write({"estimated_value_amount": 1500.0, "confidence": 0.75})
        changed = deal.get_timeline()[0]
        self.assertEqual(changed["title"], "Changed: Estimated value, Confidence")
        self.assertEqual(
            changed["lines"][1],
            "Confidence: 50% → 75%",
        )

    def test_only_who_sees_the_deal_sees_its_timeline(self):
        deal = self._moved()
        self.assertEqual(len(deal.with_user(self.agent).get_timeline()), 3)
        self.assertTrue(deal.with_user(self.viewer).verify_history()["is_whole"])
        for method in ("get_timeline", "verify_history"):
            with self.assertRaises(AccessError):
                getattr(deal.with_user(self.other), method)()

    def test_two_hundred_events_take_few_statements(self):
        deal = self._deal()
        for number in range(100):
            deal.pipeline_stage = ("proposal", "negotiation")[number % 2]
            deal.estimated_value_amount = number + 1.0
        deal.get_timeline()
        self.env.flush_all()
        self.env.invalidate_all()
        deal, other = (
            # As a browser asks for it.
            each.with_user(self.manager).with_context(lang="en_US")
            for each in (deal, self._moved())
        )
        counts = []
        for each, length in ((other, 3), (deal, 202), (other, 3)):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(len(each.get_timeline()), length)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[1], 6)

    def test_tampering_with_events_and_log_names_the_entry(self):
        event = "SELECT max(id) FROM agent_deal_stage_events WHERE deal_id = %s"
        log = "model = 'kpi.deal' AND res_id = %s"
        cases = {
            f"UPDATE agent_deal_stage_events SET to_stage = 'agreement'"
            f" WHERE id = ({event})": [3],
            f"DELETE FROM agent_deal_stage_events WHERE id = ({event})": [3],
            "UPDATE agent_deal_value_events SET estimated_value_amount = 1"
            " WHERE deal_id = %s": [2],
            f"UPDATE audit_logs SET text = replace(text, 'proposal', 'agreement')"
            f" WHERE {log} AND seq = 3": [3],
            f"UPDATE audit_logs SET text = 'no JSON' WHERE {log} AND seq = 3": [3],
            "UPDATE agent_deal_value_events SET effective_at = effective_at"
            " - interval '1 day' WHERE deal_id = %s": [2],
            "UPDATE agent_deal_stage_events AS event SET effective_at ="
            " other.effective_at FROM agent_deal_stage_events AS other"
            " WHERE other.id <> event.id AND other.deal_id = event.deal_id"
            " AND event.deal_id = %s": [1, 3],  # re-ordered
            f"INSERT INTO agent_deal_stage_events (deal_id, changed_by, recorded_at,"
            f" effective_at, to_stage) SELECT deal_id, changed_by, recorded_at,"
            f" effective_at, 'agreement' FROM agent_deal_stage_events"
            f" WHERE id = ({event})": [0],
            f"INSERT INTO agent_deal_stage_events (deal_id, changed_by, recorded_at,"
            f" effective_at, from_stage, to_stage, audit_log_id) SELECT deal_id,"
            f" changed_by, recorded_at, effective_at, from_stage, to_stage,"
            f" audit_log_id FROM agent_deal_stage_events WHERE id = ({event})": [3],
            f"UPDATE kpi_audit_personal SET text = 'Ms Smith' WHERE log_id ="
            f" (SELECT id FROM audit_logs WHERE {log} AND seq = 3)": [3],
        }
        for statement, expected in cases.items():
            with self.subTest(statement), self.cr.savepoint() as savepoint:
                deal = self._moved()
                self.assertTrue(deal.verify_history()["is_whole"])
                self._tamper(statement, deal.id)
                verdict = deal.verify_history()
                self.assertFalse(verdict["is_whole"])
                found = sorted({fault["seq"] for fault in verdict["faults"]})
                self.assertEqual(found, expected)
                # Verifying the entire log finds the same.
                faults = self.env["kpi.audit.log"]._verify()
                places = {(each.model, each.res_id, each.seq) for each in faults}
                self.assertEqual(places, {("kpi.deal", deal.id, n) for n in expected})
                savepoint.rollback()

    def test_cutting_the_end_is_found(self):
        deal = self._moved()
        self.env["kpi.audit.personal"].search([]).unlink()
        self._tamper(
            "DELETE FROM agent_deal_stage_events WHERE deal_id = %s AND from_stage IS"
            " NOT NULL",
            deal.id,
        )
        self._tamper(
            "DELETE FROM audit_logs WHERE model = 'kpi.deal' AND res_id = %s"
            " AND seq = 3",
            deal.id,
        )
        faults = deal.verify_history()["faults"]
        self.assertIn("Entries at the end are missing.", [f["text"] for f in faults])

    def test_tables_restored_from_last_week_are_found_by_an_anchor(self):
        deal = self._moved()
        anchors, log = self.env["kpi.audit.anchor"], self.env["kpi.audit.log"]
        anchors._anchor()
        kept = self._tables()
        deal.pipeline_stage = "negotiation"
        deal.pipeline_stage = "agreement"
        outside = anchors._anchor().text
        self.assertEqual(log._verify(anchor_texts=[outside]), [])
        self._restore(kept)
        self.assertEqual(log._verify(), [], "as whole as it was last week")
        faults = log._verify(anchor_texts=[outside])
        self.assertEqual([fault.kind for fault in faults], ["anchor"])

    def _tables(self):
        """Copy the tables of the history as they are now: name → name of a copy."""
        self.env.flush_all()
        copies = {table: f"last_week_{table}" for table in (*RESTORED, "agent_deals")}
        for table, copy in copies.items():
            self.cr.execute(
                f"CREATE TEMPORARY TABLE {copy} ON COMMIT DROP AS TABLE {table}"
            )
        return copies

    def _restore(self, copies):
        self.env.flush_all()
        for table in reversed(RESTORED):
            self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            self.cr.execute(
                f"DELETE FROM {table} WHERE id NOT IN (SELECT id FROM {copies[table]})"
            )
        self.cr.execute(
            "UPDATE agent_deals AS deal SET (pipeline_stage, stage_since) ="
            " (SELECT pipeline_stage, stage_since FROM last_week_agent_deals AS old"
            " WHERE old.id = deal.id)"
        )
        self.cr.execute(
            "UPDATE kpi_audit_head AS head SET (seq, previous_hash, hash) ="
            " (SELECT seq, previous_hash, hash FROM last_week_kpi_audit_head AS old"
            " WHERE old.id = head.id)"
        )
        self.env.invalidate_all()
