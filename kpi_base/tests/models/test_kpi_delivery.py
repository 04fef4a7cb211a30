from base64 import b64decode
from datetime import timedelta

from markupsafe import Markup

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import TransactionCase, new_test_user, tagged

GROUP = "kpi_base.kpi_base_group_%s"
PICTURE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8A"
    "AAAASUVORK5CYII="
)


@tagged("post_install", "-at_install")
class TestKpiDelivery(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outbox = cls.env["kpi.delivery"]
        cls.ann = new_test_user(
            cls.env, "ann_delivery", GROUP % "user", email="ann@example.com"
        )
        cls.boss = new_test_user(cls.env, "boss_delivery", GROUP % "admin")

    def _vals(self, key="a", **values):
        return {
            "key": key,
            "user_id": self.ann.id,
            "subject": "Won revenue 82.4 k€",
            "body": Markup("<p>18% below target</p>"),
            **values,
        }

    def test_a_message_waits_in_the_outbox_with_a_message_id_of_its_key(self):
        first, second = self.outbox._queue([self._vals("a"), self._vals("b")])
        self.assertEqual((first.state, first.channel), ("waiting", "email"))
        self.assertEqual(first.attempt_count, 0)
        self.assertEqual(first.body, Markup("<p>18% below target</p>"))
        self.assertEqual(first.company_id, self.ann.company_id)
        self.assertNotEqual(first.message_id, second.message_id)
        self.assertEqual(first.message_id, self.outbox._message_id("a"))

    def test_a_neutralized_copy_mails_nothing_that_waited(self):
        waiting = self.outbox._queue([self._vals("a")])
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertEqual(waiting.state, "skipped")
        self.assertIn("copy", waiting.last_error)

    def test_a_key_that_exists_is_skipped(self):
        self.outbox._queue([self._vals("a")])
        again = self.outbox._queue([self._vals("a"), self._vals("b"), self._vals("b")])
        self.assertEqual(again.mapped("key"), ["b"])

    def test_everybody_causes_messages_but_only_administrators_see_them(self):
        mine = self.outbox.with_user(self.ann)._queue([self._vals()])
        with self.assertRaises(AccessError):
            self.outbox.with_user(self.ann).search([])
        seen = self.outbox.with_user(self.boss).search([("id", "=", mine.id)])
        self.assertEqual(seen.subject, "Won revenue 82.4 k€")
        with self.assertRaises(AccessError):
            seen.read(["body"])

    def test_files_are_linked(self):
        file = self.env["ir.attachment"].create({"name": "a.pdf", "raw": b"%PDF"})
        twice = file.ids * 2
        queued = self.outbox._queue(
            [self._vals("a", attachment_ids=twice), self._vals("b")]
        )
        self.assertEqual(queued[0].attachment_ids, file)
        self.assertFalse(queued[1].attachment_ids)
        again = self.outbox._queue([self._vals("b", attachment_ids=file.ids)])
        self.assertFalse(again or queued[1].attachment_ids)

    def test_the_company_is_that_of_what_it_is_about(self):
        company = self.env["res.company"].create({"name": "South"})
        team = self.env["kpi.team"].create({"name": "Red", "company_id": company.id})
        about = {"res_model": team._name, "res_id": team.id}
        (queued,) = self.outbox._queue([self._vals(**about)])
        self.assertEqual(queued.company_id, company)
        (given,) = self.outbox._queue(
            [self._vals("b", **about, company_id=self.ann.company_id.id)]
        )
        self.assertEqual(given.company_id, self.ann.company_id)

    def test_nothing_to_send_is_no_message(self):
        self.assertFalse(self.outbox._queue([]))

    def test_pictures_stand_in_the_body_that_shows_them_other_files_are_attached(self):
        names = ("course.png", "other.png", "table.pdf")
        files = self.env["ir.attachment"].create(
            [{"name": name, "raw": PICTURE} for name in names]
        )
        body = Markup('<p>Course <img src="cid:course.png" alt="Course"/></p>')
        (queued,) = self.outbox._queue(
            [self._vals(body=body, attachment_ids=files.ids)]
        )
        message = queued._email()
        attached = [part.get_filename() for part in message.iter_attachments()]
        self.assertCountEqual(attached, ["other.png", "table.pdf"])
        related = next(
            part
            for part in message.walk()
            if part.get_content_type() == "multipart/related"
        )
        html, picture = related.iter_parts()
        self.assertIn('src="cid:course.png"', html.get_content())
        self.assertEqual(picture["Content-ID"], "<course.png>")
        self.assertEqual(picture.get_content(), PICTURE)

    def test_a_message_without_subject_key_receiver_or_reader_is_refused(self):
        address = {"user_id": False, "address": "ops@example.com"}
        lines = [{"res_model": "res.company", "res_id": 1}]
        for values in (
            {"subject": False},
            {"key": False},
            {"user_id": False},
            {"user_id": False, "target_model": "res.company"},
            address,
            {"lines": lines},
            {"renderer": "res.company"},
        ):
            with self.assertRaisesRegex(
                ValidationError, "needs a key, subject, recipient, reader"
            ):
                self.outbox._queue([self._vals(**values)])

    def test_queueing_takes_the_same_statements_for_any_number(self):
        self.outbox._queue([self._vals("warm")])
        self.env.flush_all()
        with self.assertQueryCount(6):
            self.outbox._queue([self._vals(f"many {n}") for n in range(500)])
            self.env.flush_all()

    def test_the_cron_of_the_lane_is_woken_when_the_message_is_due(self):
        at = fields.Datetime.now() + timedelta(hours=3)
        cron = self.env.ref("kpi_base.kpi_delivery_cron_bulk")
        triggers = self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        for key in "ab":
            self.outbox._queue([self._vals(key, lane="bulk", scheduled_at=at)])
        woken = triggers.search([("cron_id", "=", cron.id)])
        self.assertEqual(woken.mapped("call_at"), [at])

    def test_an_administrator_sends_again_what_was_given_up(self):
        failed, sent = self.outbox._queue([self._vals("a"), self._vals("b")])
        failed.write({"state": "failed", "attempt_count": 12, "last_error": "no"})
        sent.state = "sent"
        (failed | sent).with_user(self.boss).action_send_again()
        self.assertEqual((failed.state, failed.attempt_count), ("waiting", 0))
        self.assertFalse(failed.last_error)
        self.assertEqual(sent.state, "sent")
        with self.assertRaises(AccessError):
            failed.with_user(self.ann).action_send_again()

    def test_an_administrator_sends_all_again_that_failed(self):
        first, second, skipped = self.outbox._queue(list(map(self._vals, "abc")))
        south = self.env["res.company"].create({"name": "South"})
        (other,) = self.outbox._queue([self._vals("d", company_id=south.id)])
        (first | second | other).write({"state": "failed", "attempt_count": 12})
        skipped.state = "skipped"
        admin = self.outbox.with_user(self.boss)
        failed_count = admin.search_count([("state", "=", "failed")])
        said = admin.action_send_all_again()["params"]["message"]
        self.assertEqual(said, f"Messages being resent: {failed_count}")
        self.assertEqual((first | second).mapped("state"), ["waiting"] * 2)
        self.assertEqual((first | second).mapped("attempt_count"), [0] * 2)
        self.assertEqual((skipped.state, other.state), ("skipped", "failed"))
        said = admin.action_send_all_again()["params"]["message"]
        self.assertEqual(said, "No failed messages.")
        with self.assertRaises(AccessError):
            self.outbox.with_user(self.ann).action_send_all_again()

    def test_old_messages_go_with_the_files_that_nothing_else_needs(self):
        own = {"raw": b"1", "res_model": "kpi.delivery"}
        files = self.env["ir.attachment"].create(
            [{**own, "name": "gone"}, {**own, "name": "used"}, {"name": "other"}]
        )
        old, young = self.outbox._queue(
            [
                self._vals("old", attachment_ids=files.ids),
                self._vals("young", attachment_ids=files[1].ids),
            ]
        )
        long_ago = fields.Datetime.now() - timedelta(days=91)
        old.state = "sent"
        self.env.flush_all()
        self.cr.execute("UPDATE kpi_delivery SET write_date = %s", [long_ago])
        self.env.invalidate_all()
        self.outbox._gc_old()
        self.assertFalse(old.exists())
        self.assertEqual(files.exists().mapped("name"), ["used", "other"])
        self.assertTrue(young.exists())
