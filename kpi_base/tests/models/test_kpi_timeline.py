from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import SQL

from ...audit import AuditEvent
from ..common import add_model, open_models

USER = "kpi_base.kpi_base_group_user"
NAME = "kpi.test.parcel"


class Parcel(models.Model):
    """Record with a timeline."""

    _name = NAME
    _description = "Parcel"
    _module = None
    _inherit = ["kpi.timeline.mixin"]

    name = fields.Char()

    @api.model
    def _timeline_selects(self):
        columns = "log_id, user_id, moved_at, moved_at, NULL::float8"
        return [
            *super()._timeline_selects(),
            SQL(
                "SELECT 'move', id, %s, jsonb_build_object('to', place)"
                "  FROM kpi_test_move WHERE parcel_id = %s",
                SQL(columns),
                self.id,
            ),
        ]

    def _timeline_move(self, rows):
        for row in rows:
            yield {"title": f"Moved to {row['details']['to']}"}


class Move(models.Model):
    """Rows that are added together with an entry of the log."""

    _name = "kpi.test.move"
    _description = "Move of a Parcel"
    _module = None
    _inherit = ["kpi.audited.row.mixin"]

    _audited_model = NAME
    _audited_event = "parcel_moved"
    _audited_about = NAME

    parcel_id = fields.Many2one(NAME)
    place = fields.Char()
    moved_at = fields.Datetime()
    user_id = fields.Many2one("res.users")
    log_id = fields.Many2one("kpi.audit.log")

    @api.model
    def _audited_rows_sql(self, only):
        members = {"place": SQL("place"), "parcel": SQL("parcel_id")}
        return SQL(
            "SELECT id, log_id, parcel_id AS res_id, user_id,"
            "       '{' || %s || '}' AS stated"
            "  FROM kpi_test_move WHERE %s",
            self._canonical_members_sql(members),
            only(SQL("parcel_id")),
        )

    @api.model
    def _audited_about_id_sql(self):
        return SQL("coalesce(log.res_id, stated.res_id)")


@tagged("post_install", "-at_install")
class TestKpiTimeline(TransactionCase):
    """Timeline of a record, each event with its position in the audit log."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_model(cls, Parcel)
        add_model(cls, Move)
        open_models(cls, NAME)
        cls.parcel, cls.other = cls.env[NAME].create([{"name": "A"}, {"name": "B"}])
        cls.ann = new_test_user(cls.env, "ann_timeline", USER, name="Ann")

    def _move(self, place, at="2026-01-01 10:00:00", parcel=None, **personal):
        parcel = parcel or self.parcel
        values = {"place": place, "parcel": parcel.id}
        event = AuditEvent(parcel, "parcel_moved", values, personal)
        entry = self.env["kpi.audit.log"].with_user(self.ann).sudo()._append([event])
        return self.env["kpi.test.move"].create(
            {
                "parcel_id": parcel.id,
                "place": place,
                "moved_at": at,
                "user_id": self.ann.id,
                "log_id": entry.id,
            }
        )

    def _faults(self):
        found = self.parcel.verify_history()
        self.assertEqual(found["is_whole"], not found["faults"])
        return [fault["seq"] for fault in found["faults"]]

    def test_events_are_told_latest_first(self):
        first = self._move("Depot", note="for Eve")
        self._move("Shop", "2026-01-02 10:00:00")
        self._move("Elsewhere", parcel=self.other)
        shop, depot = self.parcel.with_user(self.ann).get_timeline()
        self.assertEqual(shop["title"], "Moved to Shop")
        self.assertEqual((shop["seq"], depot["seq"]), (2, 1))
        self.assertEqual(
            depot,
            {
                "key": f"move-{first.id}",
                "kind": "move",
                "title": "Moved to Depot",
                "lines": [],
                "note": "for Eve",
                "by": "Ann",
                "effective_at": "2026-01-01 10:00:00",
                "recorded_at": "2026-01-01 10:00:00",
                "seconds": None,
                "seq": 1,
                "hash": first.log_id.hash[:12],
            },
        )

    def test_a_record_without_events_has_an_empty_past(self):
        self.assertEqual(self.parcel.get_timeline(), [])

    def test_only_who_sees_the_record_sees_its_past(self):
        self.env["ir.model.access"].search(
            [("model_id.model", "=", NAME)]
        ).perm_read = False
        for method in ("get_timeline", "verify_history"):
            with self.assertRaises(AccessError):
                getattr(self.parcel.with_user(self.ann), method)()

    def test_a_hundred_events_take_the_statements_of_one(self):
        for number in range(100):
            self._move(f"Place {number}")
        self.env.flush_all()
        self.parcel.with_user(self.ann).get_timeline()
        self.env.invalidate_all()
        with self.assertQueryCount(5):
            self.assertEqual(len(self.parcel.get_timeline()), 100)

    def test_a_history_that_was_only_added_to_is_whole(self):
        self._move("Depot")
        self._move("Shop")
        found = self.parcel.with_user(self.ann).verify_history()
        self.assertEqual(found, {"is_whole": True, "entries": 2, "faults": []})

    def test_a_row_that_says_something_else_is_named(self):
        self._move("Depot")
        move = self._move("Shop")
        self.cr.execute("UPDATE kpi_test_move SET place = 'X' WHERE id = %s", [move.id])
        self.assertEqual(self._faults(), [2])
        (fault,) = self.env["kpi.audit.log"]._verify(self.parcel)
        self.assertEqual(fault.row, ("kpi.test.move", move.id))
        self.assertEqual(fault.about, (NAME, self.parcel.id))

    def test_a_row_that_is_missing_or_has_no_entry_is_named(self):
        move = self._move("Depot")
        kept = move.copy_data()[0]
        self.cr.execute("DELETE FROM kpi_test_move WHERE id = %s", [move.id])
        self.assertEqual(self._faults(), [1])
        move.create(kept)
        self.assertEqual(self._faults(), [])
        twin = move.create(kept)
        self.assertEqual(self._faults(), [1])
        twin.log_id = False
        self.env.flush_all()
        self.assertEqual(self._faults(), [0])
