from base64 import b64decode
from datetime import timedelta

from odoo import api, fields, models
from odoo.tests import new_test_user, tagged

from ...engine.message import Line, Message
from ..common import add_model
from ..outbox_case import USER, OutboxCase

PICTURE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8A"
    "AAAASUVORK5CYII="
)


class Writer(models.AbstractModel):
    """Writes the names of teams; what it was asked as is noted."""

    _name = "kpi.test.writer"
    _description = "Writer"
    _module = None
    _inherit = []

    asked = []

    @api.model
    def _render_delivery(self, delivery, lines):
        self.asked.append(self.env)
        teams = self.env["kpi.team"].browse(lines.mapped("res_id"))
        return Message(
            f"{len(lines)} teams",
            self.env["ir.qweb.field.float"].value_to_html(1.5, {"precision": 1}),
            tuple(
                Line(team.name, line.data["text"], "critical")
                for team, line in zip(teams, lines, strict=True)
            ),
            picture=PICTURE,
            picture_text="They grow",
        )


@tagged("post_install", "-at_install")
class TestKpiDeliveryContent(OutboxCase):
    """Messages of lines are written for their reader when they are sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_model(cls, Writer)
        cls.south = cls.env["res.company"].create({"name": "South"})
        teams = cls.env["kpi.team"]
        cls.red = teams.create({"name": "Red"})
        cls.blue = teams.create({"name": "Blue", "company_id": cls.south.id})
        cls.gone = teams.create({"name": "Gone"})

    def setUp(self):
        super().setUp()
        Writer.asked.clear()

    def _lines(self, *teams):
        return {
            "renderer": Writer._name,
            "body": False,
            "lines": [
                {
                    "res_model": team._name,
                    "res_id": team.id,
                    "data": {"text": f"{team.name} is late"},
                }
                for team in teams
            ],
        }

    def _html(self, number=-1):
        message = self.server.messages[number]
        return message.get_body(("html",)).get_content()

    def test_a_message_tells_only_of_what_its_reader_may_see(self):
        bob = new_test_user(
            self.env, "bob_lines", USER, name="Bob", email="bob@example.com"
        )
        bob.company_ids |= self.south
        lines = self._lines(self.red, self.blue, self.gone)
        lines["lines"].append({"res_model": "x.gone", "res_id": 1})
        self._queue("ann", **lines)
        self._queue("bob", **lines, user_id=bob.id)
        self.gone.unlink()
        self._send_due()
        ann, bob = self.server.messages
        self.assertEqual((ann["Subject"], bob["Subject"]), ("1 teams", "2 teams"))
        self.assertNotIn("Blue", ann.as_string())
        self.assertIn("Blue is late", bob.get_body(("html",)).get_content())
        self.assertIn("✖ Red", ann.get_body(("plain",)).get_content())
        self.assertNotIn("Gone", ann.as_string() + bob.as_string())

    def test_nothing_is_stored_of_what_it_tells(self):
        message = self._queue("a", **self._lines(self.red))
        self._send_due()
        self.assertEqual((message.state, message.subject), ("sent", "News"))
        self.assertFalse(message.body)

    def test_a_message_that_has_nothing_left_to_tell_is_not_sent(self):
        message = self._queue("a", **self._lines(self.blue, self.gone))
        self.gone.unlink()
        self._send_due()
        self.assertEqual(message.state, "skipped")
        self.assertIn("Ann cannot access any record", message.last_error)
        self.assertFalse(Writer.asked)

    def test_it_is_written_as_its_reader_at_every_attempt(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.ann.write({"lang": "fr_FR", "tz": "Asia/Tokyo"})
        self.ann.company_ids |= self.south
        message = self._queue("a", **self._lines(self.red, self.blue))
        self._fail(OSError("no route"), message)
        self.ann.company_ids -= self.south
        message.due_at = False
        self.server.error = None
        self.env.flush_all()
        self._send_due()
        self.assertEqual(message.state, "sent")
        for env in Writer.asked:
            self.assertEqual((env.user, env.su), (self.ann, False))
            self.assertEqual((env.lang, env.context["tz"]), ("fr_FR", "Asia/Tokyo"))
        first, second = Writer.asked
        self.assertIn("1,5", self._html())
        self.assertEqual(second.companies, self.ann.company_ids)
        self.assertNotIn("Blue", self._html())

    def test_a_run_that_has_lost_its_claim_leaves_it_to_the_other(self):
        message = self._queue("a", **self._lines(self.red))
        until = fields.Datetime.now() + timedelta(minutes=10)

        def take_over(*_arguments):
            self.cr.execute("UPDATE kpi_delivery SET claimed_until = %s", [until])
            raise ValueError("late")

        self.patch(type(self.env[Writer._name]), "_render_delivery", take_over)
        self._send_due()
        self.assertEqual((message.state, message.last_error), ("waiting", False))
        self.assertEqual(message.claimed_until, until.replace(microsecond=0))

    def test_who_writes_from_right_to_left_gets_it_so(self):
        lang = self.env["res.lang"]._activate_lang("fr_FR")
        lang.direction = "rtl"
        self.ann.lang = "fr_FR"
        self._queue("a", **self._lines(self.red))
        self._send_due()
        self.assertIn('<div dir="rtl"', self._html())

    def test_its_picture_travels_with_it(self):
        self._queue("a", **self._lines(self.red))
        self._send_due()
        (message,) = self.server.messages
        pictures = [
            part for part in message.walk() if part.get_content_type() == "image/png"
        ]
        self.assertEqual([part["Content-ID"] for part in pictures], ["<picture.png>"])
        self.assertEqual(pictures[0].get_content(), PICTURE)
        self.assertIn('src="cid:picture.png" alt="They grow"', self._html())
        self.assertFalse(list(message.iter_attachments()))

    def test_what_no_app_writes_any_more_is_given_up_at_once(self):
        for renderer in ("x.gone", "res.company"):
            with self.subTest(renderer):
                message = self._queue(renderer, **self._lines(self.red))
                message.renderer = renderer
                self.env.flush_all()
                self._send_due()
                self.assertEqual((message.state, message.attempt_count), ("failed", 1))
                self.assertIn(renderer, message.last_error)

    def test_a_writer_that_fails_is_asked_again_later(self):
        message = self._queue("a", **self._lines(self.red))

        def fail(*_arguments):
            raise ZeroDivisionError("no KPI has a target")

        self.patch(type(self.env[Writer._name]), "_render_delivery", fail)
        self._send_due()
        self.assertEqual((message.state, message.attempt_count), ("waiting", 1))
        self.assertEqual(message.last_error, "no KPI has a target")
        self.assertFalse(self.server.messages)

    def test_names_make_no_header_and_long_ones_are_cut(self):
        name = "A" * 10_000
        self.red.name = f"<b>{name}</b>\r\nBcc: all@example.com"
        self._queue("a", **self._lines(self.red), subject=f"{name}\r\nBcc: x@y.z")
        self._queue("b", subject=f"{name}\r\nBcc: x@y.z")
        self._send_due()
        for message in self.server.messages:
            self.assertIsNone(message["Bcc"])
            self.assertLess(len(message["Subject"]), 201)
        self.assertIn("&lt;b&gt;AAA", self._html(0))
        self.assertLess(len(self._html(0)), 5000)

    def test_a_ready_made_body_is_told_to_every_channel(self):
        files = self.env["ir.attachment"].create(
            [{"name": f"{n}.png", "raw": PICTURE} for n in ("other", "course")]
        )
        body = '<p>Sales <b>12%</b> up</p><img src="cid:course.png" alt="They grow"/>'
        message = self._queue("a", body=body, attachment_ids=files.ids)
        files[0].raw = b"other"
        content = message._compose()
        self.assertEqual(content.title, "News")
        self.assertEqual(content.text, "Sales 12% up\nThey grow")
        self.assertIn("<b>12%</b>", content.html)
        self.assertEqual(content.picture, PICTURE)

    def test_many_messages_of_many_lines_take_the_same_statements(self):
        lines = self._lines(self.red, self.gone)
        self._queue("warm", **lines)
        with self.assertQueryCount(7):
            self._queue(*map(str, range(200)), **lines)
        queued = self.outbox.search([("key", "=", "150")])
        self.assertEqual(queued.line_ids.mapped("res_id"), [self.red.id, self.gone.id])
        self.assertEqual(queued.line_ids[0].data, {"text": "Red is late"})

    def test_a_key_that_exists_keeps_its_lines(self):
        (message,) = self._queue("a", **self._lines(self.red))
        self._queue("a", **self._lines(self.red, self.gone))
        self.assertEqual(len(message.line_ids), 1)
