from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ...outbox import DeliverySkipped
from ..common import add_model
from ..outbox_case import USER, OutboxCase


class Channel(models.Model):
    """Where a team of the far side reads; a closed one takes nothing more."""

    _name = "kpi.test.channel"
    _description = "Channel"
    _module = None
    _inherit = []

    name = fields.Char()
    is_closed = fields.Boolean()
    taken = fields.Char()

    def _check_delivery_target(self):
        if self.is_closed:
            raise DeliverySkipped(f"{self.name} is closed.")


class Delivery(models.Model):
    _name = "kpi.delivery"
    _module = None
    _inherit = ["kpi.delivery"]

    channel = fields.Selection(
        selection_add=[("test", "Test"), ("lost", "Lost")],
        ondelete={"test": "cascade", "lost": "cascade"},
    )

    def _find_test_host(self):
        return ""

    def _send_test(self):
        self._get_target().taken = self._compose().title


@tagged("post_install", "-at_install")
class TestKpiDeliveryReceiver(OutboxCase):
    """Messages go to people, to addresses that somebody typed, and to channels."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_model(cls, Channel)
        add_model(cls, Delivery)
        cls.outbox = cls.env["kpi.delivery"]
        cls.red = cls.env["kpi.test.channel"].create({"name": "Red"})
        cls.to_red = {
            "user_id": False,
            "target_model": cls.red._name,
            "target_id": cls.red.id,
            "reader_id": cls.ann.id,
        }

    def _to_address(self, address, **values):
        values = {"user_id": False, "reader_id": self.ann.id, **values}
        return self._queue(address, address=address, **values)

    def _result(self, message):
        self._send_due()
        return message.state, message.last_error

    def test_an_email_goes_to_an_address_that_somebody_typed(self):
        message = self._to_address("Ops <ops@example.com>")
        self.assertEqual(message.recipient, "Ops <ops@example.com>")
        self.assertEqual(self._result(message), ("sent", False))
        self.assertEqual(self.server.messages[0]["To"], "ops@example.com")
        self.assertEqual(message.company_id, self.ann.company_id)

    def test_an_address_goes_before_that_of_the_person(self):
        message = self._queue("a", address="phone@example.com")
        self.assertEqual(message.recipient, "Ann, phone@example.com")
        self._send_due()
        self.assertEqual(self.server.messages[0]["To"], "phone@example.com")

    def test_what_is_no_address_gets_nothing(self):
        for address in (
            "ops",
            "a@example.com, b@example.com",
            "ops@example.com\r\nBcc: all@example.com",
        ):
            with self.subTest(address):
                message = self._to_address(address)
                state, reason = self._result(message)
                self.assertEqual(state, "skipped")
                self.assertIn("has no valid email address", reason)
        self.assertFalse(self.server.messages)

    def test_a_channel_gets_what_its_reader_may_see(self):
        message = self._queue("a", channel="test", **self.to_red)
        self.assertEqual(message.recipient, "Red")
        self.assertEqual(message.reader_id, self.ann)
        self.assertEqual(self._result(message), ("sent", False))
        self.assertEqual(self.red.taken, "News")

    def test_a_channel_that_takes_nothing_more_gets_nothing(self):
        gone = self.env["kpi.test.channel"].create({"name": "Gone"})
        closed = self.env["kpi.test.channel"].create({"name": "Blue"})
        messages = [
            self._queue(record.name, channel="test", **self.to_red)
            for record in (gone, closed)
        ]
        for message, record in zip(messages, (gone, closed), strict=True):
            message.target_id = record.id
        closed.is_closed = True
        gone.unlink()
        uninstalled = self._queue("uninstalled", channel="test", **self.to_red)
        uninstalled.target_model = "x.gone"
        self.env.flush_all()
        self._send_due()
        self.assertEqual(
            [each.last_error for each in (*messages, uninstalled)],
            [
                "The channel was deleted.",
                "Blue is closed.",
                "The channel was deleted.",
            ],
        )
        self.assertEqual(uninstalled.recipient, "")

    def test_the_rights_of_the_reader_decide_what_others_get(self):
        company = self.env["res.company"].create({"name": "South"})
        team = self.env["kpi.team"].create({"name": "Red", "company_id": company.id})
        about = {"res_model": team._name, "res_id": team.id}
        eve = new_test_user(self.env, "eve_reads", USER, name="Eve")
        eve.company_ids |= company
        hidden = self._to_address("a@example.com", **about)
        shown = self._to_address("b@example.com", **about, reader_id=eve.id)
        mine = self._queue("c", **about, reader_id=eve.id)
        self._send_due()
        self.assertEqual(
            [each.state for each in (hidden, shown, mine)], ["skipped", "sent", "sent"]
        )
        self.assertEqual(hidden.last_error, "Ann cannot access the record.")

    def test_nobody_speaks_with_the_rights_of_who_has_left(self):
        message = self._queue("a", channel="test", **self.to_red)
        self.ann.active = False
        self.assertEqual(self._result(message), ("skipped", "Ann is archived."))

    def test_a_channel_of_no_installed_app_is_given_up_at_once(self):
        message = self._queue("a", channel="lost", **self.to_red)
        other = self._queue("b")
        self._send_due()
        self.assertEqual((message.state, message.attempt_count), ("failed", 1))
        self.assertIn("has no method _find_lost_host", message.last_error)
        self.assertEqual(other.state, "sent")

    def test_a_server_that_cannot_be_named_is_an_attempt_that_failed(self):
        message, other = self._queue("a", "b")
        find = type(self.outbox)._find_email_host

        def find_host(delivery):
            if delivery == message:
                raise ValueError("no such address")
            return find(delivery)

        self.patch(type(self.outbox), "_find_email_host", find_host)
        self._send_due()
        self.assertEqual((message.state, message.attempt_count), ("waiting", 1))
        self.assertEqual(message.last_error, "no such address")
        self.assertEqual(other.state, "sent")

    def test_messages_are_found_by_whoever_they_go_to(self):
        person = self._queue("a")
        address = self._to_address("ops@example.com")
        channel = self._queue("c", channel="test", **self.to_red)
        for name, found in (
            ("Ann", person),
            ("ops@", address),
            ("Red", channel),
            ("nobody", self.outbox),
        ):
            with self.subTest(name):
                domain = [("recipient", "ilike", name)]
                self.assertEqual(self.outbox.search(domain), found)

    def test_only_administrators_see_where_messages_go(self):
        message = self._queue("c", channel="test", **self.to_red)
        admin = new_test_user(
            self.env, "boss_receiver", "kpi_base.kpi_base_group_admin"
        )
        seen = message.with_user(admin)
        self.assertEqual(seen.recipient, "Red", "whoever may read the channel")
        with self.assertRaises(AccessError):
            message.with_user(self.ann).read(["recipient"])

    def test_who_answers_for_a_channel_hears_that_it_gets_nothing(self):
        message = self._queue("a", channel="lost", **self.to_red)
        self._send_due()
        self.assertEqual(message.state, "failed")
        said = self.outbox.search([("subject", "=like", "Not delivered:%")])
        self.assertEqual(said.user_id, self.ann)
        self.assertIn("To Red:", said.body)
