import psycopg2

from odoo import fields, models
from odoo.exceptions import MissingError, UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL, mute_logger

from ...audit import AuditEvent, moment_text, moment_text_sql
from ..common import add_model

AT = fields.Datetime.to_datetime("2026-01-02 03:04:05")


@tagged("post_install", "-at_install")
class TestKpiAuditedMixins(TransactionCase):
    """Events and parts of a partner, who stands for any record with a chain."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        class Move(models.Model):
            """A partner has moved."""

            _module, _name, _description = None, "kpi.test.move", "Move"
            _inherit = ["kpi.audited.event.mixin"]
            _audited_model, _audited_link = "res.partner", "partner_id"
            _audited_event = "partner_moved"

            partner_id = fields.Many2one("res.partner", required=True)
            town = fields.Char()

            def _get_audited_members(self):
                return {
                    "effective_at": moment_text_sql(SQL("event.effective_at")),
                    "town": SQL("event.town"),
                }

        class Fee(models.Model):
            """Fee that a partner pays."""

            _module, _name, _description = None, "kpi.test.fee", "Fee"
            _inherit = ["kpi.audited.part.mixin"]
            _audited_model, _audited_link = "res.partner", "partner_id"
            _audited_name, _audited_events = "fee", "partner_fee_"

            partner_id = fields.Many2one("res.partner", required=True)
            amount = fields.Integer()

            def _get_audited_members(self):
                return {"fee": SQL("held.id"), "amount": SQL("held.amount")}

        add_model(cls, Move)
        add_model(cls, Fee)
        cls.log = cls.env["kpi.audit.log"]
        cls.one, cls.two = cls.env["res.partner"].create(
            [{"name": "One"}, {"name": "Two"}]
        )

    def _moved(self, town):
        values = {"effective_at": moment_text(AT), "town": town}
        entry = self.log._append([AuditEvent(self.one, "partner_moved", values)])
        moves = self.env["kpi.test.move"]
        moves._insert(
            [
                {
                    "partner_id": self.one.id,
                    "town": town,
                    "changed_by": self.env.uid,
                    "recorded_at": entry.recorded_at,
                    "effective_at": AT,
                    "audit_log_id": entry.id,
                }
            ]
        )
        return moves.search([], order="id desc", limit=1)

    def _tamper(self, statement):
        self.env.flush_all()
        self.cr.execute("ALTER TABLE kpi_test_move DISABLE TRIGGER USER")
        self.cr.execute(statement)
        self.cr.execute("ALTER TABLE kpi_test_move ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def _faults(self):
        faults = self.log._verify(self.one | self.two)
        return [(fault.kind, fault.res_id, fault.row) for fault in faults]

    def test_an_event_says_what_its_entry_says(self):
        move = self._moved("Bergen")
        self.assertEqual(self._faults(), [])
        self._tamper("UPDATE kpi_test_move SET town = 'Oslo'")
        self.assertEqual(self._faults(), [("row", self.one.id, (move._name, move.id))])

    def test_an_event_belongs_to_the_record_in_whose_chain_it_is(self):
        move = self._moved("Bergen")
        self._tamper(f"UPDATE kpi_test_move SET partner_id = {self.two.id}")
        self.assertIn((move._name, move.id), [row for *_rest, row in self._faults()])

    def test_an_event_is_never_changed(self):
        move = self._moved("Bergen")
        with self.assertRaises(UserError):
            move.town = "Oslo"
        with (
            self.assertRaises(psycopg2.IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.cr.execute("UPDATE kpi_test_move SET town = 'Oslo'")

    def test_changes_of_a_part_are_entries_of_its_record(self):
        fee = self.env["kpi.test.fee"].create({"partner_id": self.one.id, "amount": 5})
        fee.amount = 6
        fee.amount = 6  # no change
        entries = self.log.search(
            [("model", "=", "res.partner"), ("res_id", "=", self.one.id)], order="id"
        )
        self.assertEqual(
            entries.mapped("event_type"), ["partner_fee_added", "partner_fee_changed"]
        )
        self.assertEqual(fee.audit_log_id, entries[-1])
        self.assertEqual(self._faults(), [])
        self.env.flush_all()
        self.cr.execute("UPDATE kpi_test_fee SET amount = 7")
        self.env.invalidate_all()
        self.assertEqual(self._faults(), [("row", self.one.id, (fee._name, fee.id))])
        fee.amount = 6
        fee.unlink()
        self.assertEqual(self._faults(), [])

    def test_a_part_that_is_gone_is_told_missing(self):
        fee = self.env["kpi.test.fee"].create({"partner_id": self.one.id, "amount": 5})
        fee.unlink()
        with self.assertRaisesRegex(MissingError, "Someone else deleted this record"):
            fee.write({"amount": 6})

    def test_a_part_stays_with_its_record(self):
        fee = self.env["kpi.test.fee"].create({"partner_id": self.one.id, "amount": 5})
        with self.assertRaisesRegex(UserError, "cannot be moved from One"):
            fee.partner_id = self.two
