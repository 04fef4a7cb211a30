from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged

from ..common import add_model, open_models
from ..controllers.api_case import cursor_of_the_test

DOOR = "kpi.test.door"
TODAY = date(2026, 3, 10)


class Door(models.Model):
    """Something that a link opens."""

    _name = DOOR
    _description = "Door"
    _module = None
    _inherit = ["kpi.link.mixin"]

    _link_path = "/my/door"
    _visits_per_minute = 3

    is_locked = fields.Boolean()

    def _is_open(self):
        return super()._is_open() and not self.is_locked


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 23:30:00")
class TestKpiLink(TransactionCase):
    """Links that open something without a login, until they end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_model(cls, Door)
        open_models(cls, DOOR)
        counters = cls.registry["kpi.api.counter"]
        cls.classPatch(counters, "_side_cursor", cursor_of_the_test)
        cls.cr.execute("DELETE FROM kpi_api_counter")
        cls.doors = cls.env[DOOR]
        cls.text, cls.door = cls._make()

    @classmethod
    def _make(cls, expires_on=TODAY):
        text, values = cls.doors._prepare_token_values()
        return text, cls.doors.create({"expires_on": expires_on, **values})

    def _open(self, text=None, address="192.0.2.1"):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            found, wait = self.doors._open_link(text or self.text, address)
        return found, wait

    def test_its_text_opens_it_and_nothing_else_does(self):
        self.assertEqual(self._open(), (self.door.id, 0))
        other, door = self._make()
        self.assertNotEqual(other, self.text)
        self.assertEqual(self._open(other, "192.0.2.2"), (door.id, 0))
        for text in (self.text[:-1], self.text + "x", "", "é", "\0"):
            with self.subTest(text=text):
                self.assertEqual(self.doors._find_link(text), self.doors)

    def test_the_text_is_stored_nowhere(self):
        self.cr.execute("SELECT to_jsonb(door)::text FROM kpi_test_door AS door")
        for (row,) in self.cr.fetchall():
            self.assertNotIn(self.text, row)
        with self.assertRaises(AccessError):
            user = new_test_user(self.env, "door_user")
            self.door.with_user(user).read(["token_hash"])

    def test_its_address_leads_to_the_page(self):
        base = self.door.get_base_url()
        self.assertEqual(self.door._get_link(self.text), f"{base}/my/door/{self.text}")

    def test_it_opens_through_its_last_day_where_its_maker_is(self):
        self.assertEqual(self.door.state, "active")
        _text, old = self._make(TODAY - timedelta(days=1))
        self.assertEqual(old.state, "expired")
        self.assertFalse(old._is_open())
        with patch.object(
            self.registry[DOOR], "_get_maker_today", lambda _door: date(2026, 3, 11)
        ):
            self.env.invalidate_all()
            self.assertEqual(self.door.state, "expired")
            self.assertEqual(self._open()[0], None)

    def test_what_is_revoked_is_revoked_at_once(self):
        _text, old = self._make(TODAY - timedelta(days=1))
        self.assertEqual((self.door | old)._revoke(), self.door)
        self.assertEqual((self.door | old).mapped("state"), ["revoked", "expired"])
        self.assertEqual(self._open(), (None, 0))
        self.assertFalse(self.door._revoke())

    def test_a_new_text_ends_the_old_one(self):
        text, values = self.doors._prepare_token_values()
        self.door._revoke()
        self.door.write(values)
        self.assertEqual(self._open(text), (self.door.id, 0))
        self.assertEqual(self._open()[0], None)

    def test_a_model_may_ask_for_more(self):
        self.door.is_locked = True
        self.assertEqual(self._open(), (None, 0))
        self.assertFalse(self.door.last_used_at)

    def test_a_visit_is_noted_once_a_minute(self):
        self._open()
        self.env.invalidate_all()
        first = self.door.last_used_at
        self.assertTrue(first)
        earlier = first - timedelta(seconds=30)
        for noted in (earlier, first - timedelta(minutes=2)):
            self.door.last_used_at = noted
            self.env.flush_all()
            self.door._note_use()
            self.env.invalidate_all()
            is_new = noted != earlier
            self.assertEqual(self.door.last_used_at, first if is_new else earlier)

    def test_an_address_that_tries_too_often_waits(self):
        for _visit in range(3):
            self.assertEqual(self._open("wrong", "192.0.2.9"), (None, 0))
        found, wait = self._open(address="192.0.2.9")
        self.assertIsNone(found)
        self.assertGreater(wait, 0)
        self.assertEqual(self._open(address="192.0.2.10"), (self.door.id, 0))
