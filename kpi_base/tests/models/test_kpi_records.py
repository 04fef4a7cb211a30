from psycopg2 import IntegrityError

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import add_model, open_models

USER = "kpi_base.kpi_base_group_user"


class Note(models.Model):
    """Note that somebody owns: others may read it while it is shared."""

    _name = "kpi.test.note"
    _description = "Note"
    _module = None
    _inherit = ["kpi.access.mixin", "kpi.readonly.mixin", "kpi.thread.mixin"]

    _readable_by = ("company_id", "owner_id", "is_shared")
    _editable_by = ("company_id", "owner_id")

    name = fields.Char()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company")
    owner_id = fields.Many2one("res.users")
    is_shared = fields.Boolean()
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done")], readonly=True, default="draft"
    )


class Step(models.Model):
    """Event in the life of a note."""

    _name = "kpi.test.step"
    _description = "Step of a Note"
    _module = None
    _inherit = ["kpi.append.only.mixin"]
    _log_access = False

    name = fields.Char()


class RecordCase(TransactionCase):
    """Notes of Ann and Bob, which each edits, and which the other sees if shared."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_model(cls, Note)
        add_model(cls, Step)
        open_models(cls, Note._name, Step._name)
        model_id = cls.env["ir.model"]._get_id("kpi.test.note")
        seen = "['|', ('is_shared', '=', True), ('owner_id', '=', user.id)]"
        cls.env["ir.rule"].create(
            [
                {
                    "name": "seen",
                    "model_id": model_id,
                    "domain_force": seen,
                    "perm_write": False,
                    "perm_create": False,
                    "perm_unlink": False,
                },
                {
                    "name": "edited",
                    "model_id": model_id,
                    "domain_force": "[('owner_id', '=', user.id)]",
                    "perm_read": False,
                },
            ]
        )
        cls.ann, cls.bob = (
            new_test_user(cls.env, f"{name}_record", USER, name=name)
            for name in ("Ann", "Bob")
        )
        cls.notes = cls.env["kpi.test.note"]
        cls.own, cls.shared, cls.hidden = cls.notes.create(
            [
                {"name": "own", "owner_id": cls.ann.id},
                {"name": "shared", "owner_id": cls.bob.id, "is_shared": True},
                {"name": "hidden", "owner_id": cls.bob.id},
            ]
        )
        cls.all = cls.own | cls.shared | cls.hidden


@tagged("post_install", "-at_install")
class TestKpiAccess(RecordCase):
    """Rights of the user to read or edit a record, as its own rules say."""

    def _found(self, name, value=True):
        """Of all notes, computed as superuser for Ann and searched for."""
        own = self.all.with_user(self.ann).sudo()
        own.invalidate_recordset()
        computed = own.filtered(lambda note: note[name] == value)
        among = [("id", "in", self.all.ids), (name, "=", value)]
        found = own.with_context(active_test=False).search(among)
        self.assertEqual(found, computed)
        return computed.with_env(self.env)

    def test_what_i_may_read(self):
        self.assertEqual(self._found("is_readable_by_me"), self.own | self.shared)
        self.assertEqual(self._found("is_readable_by_me", False), self.hidden)

    def test_what_i_may_edit(self):
        self.assertEqual(self._found("is_editable_by_me"), self.own)
        self.assertEqual(
            self._found("is_editable_by_me", False), self.shared | self.hidden
        )

    def test_archived_ones_are_known_too(self):
        self.own.active = False
        self.assertIn(self.own, self._found("is_editable_by_me"))

    def test_it_follows_what_the_rules_look_at(self):
        own = self.hidden.with_user(self.ann).sudo()
        self.assertFalse(own.is_readable_by_me)
        self.hidden.is_shared = True
        self.assertTrue(own.is_readable_by_me)
        self.assertFalse(own.is_editable_by_me)
        self.hidden.owner_id = self.ann
        self.assertTrue(own.is_editable_by_me)

    def test_without_any_right_nothing_is(self):
        access = self.env["ir.model.access"].search(
            [("model_id.model", "=", "kpi.test.note")]
        )
        access.perm_write = False
        self.assertFalse(self._found("is_editable_by_me"))
        self.assertEqual(self._found("is_editable_by_me", False), self.all)


@tagged("post_install", "-at_install")
class TestKpiKept(RecordCase):
    """Records that only the engine writes."""

    def test_people_do_not_write_it(self):
        own = self.own.with_user(self.ann)
        with self.assertRaisesRegex(AccessError, "set automatically .*: state"):
            own.state = "done"
        with self.assertRaisesRegex(AccessError, "set automatically .*: state"):
            own.create({"name": "New", "owner_id": self.ann.id, "state": "done"})
        own.sudo().state = "done"
        self.assertEqual(own.state, "done")

    def test_what_contexts_propose_does_not_count(self):
        proposed = {"default_state": "done", "default_name": "Mine"}
        notes = self.notes.with_user(self.ann).with_context(**proposed)
        note = notes.create({"owner_id": self.ann.id})
        self.assertEqual((note.state, note.name), ("draft", "Mine"))
        values = notes.default_get(["state", "name", "owner_id"])
        self.assertEqual(values, {"state": "draft", "name": "Mine"})


@tagged("post_install", "-at_install")
class TestKpiAppendOnly(RecordCase):
    """Rows that are added and never changed, whoever asks."""

    def setUp(self):
        super().setUp()
        self.cr.execute("INSERT INTO kpi_test_step (name) VALUES ('a') RETURNING id")
        self.step = self.env["kpi.test.step"].browse(self.cr.fetchone()[0])

    def test_the_database_refuses_changes(self):
        for statement in (
            "UPDATE kpi_test_step SET name = 'b'",
            "DELETE FROM kpi_test_step",
            "TRUNCATE kpi_test_step",
        ):
            with (
                self.subTest(statement=statement),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(IntegrityError, "kpi_test_step is append-only"),
                self.cr.savepoint(),
            ):
                self.cr.execute(statement)
        # also where triggers are switched off, as while a copy is restored
        self.cr.execute(
            "SELECT DISTINCT tgenabled FROM pg_trigger"
            " WHERE tgrelid = 'kpi_test_step'::regclass AND NOT tgisinternal"
        )
        self.assertEqual(self.cr.fetchall(), [("A",)])

    def test_the_orm_refuses_all_but_reading(self):
        self.assertEqual(self.step.name, "a")
        for message, change in (
            ("are created automatically", lambda: self.step.create({"name": "b"})),
            ("cannot be changed", lambda: self.step.write({"name": "b"})),
            ("cannot be removed", self.step.unlink),
        ):
            with self.assertRaisesRegex(UserError, f"“Step of a Note” {message}"):
                change()


@tagged("post_install", "-at_install")
class TestKpiThread(RecordCase):
    """Discussion that only those hear who may see what it is about."""

    def _told(self, note, **values):
        """Names of those who are notified of a message about ``note``."""
        message = note.with_user(self.bob).message_post(
            body="News",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **values,
        )
        return set(message.notified_partner_ids.mapped("name"))

    def test_followers_hear_while_they_see(self):
        for note in (self.shared, self.hidden):
            note.message_subscribe(partner_ids=self.ann.partner_id.ids)
        self.assertEqual(self._told(self.shared), {"Ann"})
        self.assertEqual(self._told(self.hidden), set())
        self.shared.is_shared = False
        self.assertEqual(self._told(self.shared), set())

    def test_whom_the_author_names_gets_the_message(self):
        ann = self.ann.partner_id.ids
        self.hidden.message_subscribe(partner_ids=ann)
        self.assertEqual(self._told(self.hidden, partner_ids=ann), {"Ann"})

    def test_outside_followers_hear_nothing(self):
        outside = self.env["res.partner"].create(
            {"name": "Outside", "email": "outside@example.com"}
        )
        self.shared.message_subscribe(partner_ids=outside.ids)
        self.assertEqual(self._told(self.shared), set())
