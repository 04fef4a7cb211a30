from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.user_links import end_connection

from ...engine.feedback import Feedback
from .review_case import ReviewCase


@tagged("post_install", "-at_install")
class TestKpiReviewFeedback(ReviewCase):
    """Links for feedback: who makes them, how they are mailed, when they end."""

    def setUp(self):
        super().setUp()
        self.review = self._review()

    def _links(self, user=None):
        return self._as(user or self.olga, self.env["kpi.review.feedback.link"])

    def _link(self, days=7):
        day = fields.Date.context_today(self.env.user) + timedelta(days=days)
        return self._links()._generate(self.review, expires_on=day)

    def _answer(self, key="k" * 20, **values):
        given = {"name": "Ann", "role": "", "rating": 4, "comment": "Good", **values}
        return Feedback(key=key, **given)

    def _wizard(self, user=None, **values):
        wizards = self._as(user or self.olga, self.env["kpi.review.feedback.wizard"])
        return wizards.create({"review_id": self.review.id, **values})

    def test_an_answer_sent_twice_is_stored_once(self):
        link = self._link().sudo()
        self.assertTrue(link._store_answer(self._answer()))
        self.assertTrue(link._store_answer(self._answer(rating=1)))
        self.assertTrue(link._store_answer(self._answer("l" * 20, rating=1)))
        self.assertEqual(sorted(self.review.feedback_ids.mapped("rating")), [1, 4])
        self.assertEqual((self.review.feedback_count, self.review.feedback_rating),
                         (2, 2.5))  # fmt: skip
        self.assertEqual(link.answer_count, 2)

    def test_a_link_takes_no_more_than_two_hundred_answers(self):
        link = self._link().sudo()
        for number in range(200):
            link._store_answer(self._answer(f"{number:020}"))
        self.assertFalse(link._store_answer(self._answer("z" * 20)))
        self.assertEqual(self.review.feedback_count, 200)

    def test_links_end_when_revoked_late_or_approved(self):
        link = self._link()
        text = link._get_address().rsplit("/", 1)[1]
        found = self.env["kpi.review.feedback.link"]._find_link
        self.assertEqual(found(text), link)
        self.assertFalse(found(text[:-1] + "x"))
        self.review.action_submit()
        self.assertEqual(found(text), link)
        self._as(self.sue, self.review).action_approve()
        self.assertFalse(found(text))
        with self.assertRaises(UserError), self.cr.savepoint():
            self._link()
        link.action_revoke()
        self.assertEqual(link.state, "revoked")

    def test_connections_list_a_link_and_end_it(self):
        link = self._link()
        end_connection(self, link, link.sudo().user_id)
        self.assertEqual(link.state, "revoked")
        self.assertTrue(self.review.verify_history()["is_whole"])

    def test_links_of_a_draft_are_logged_and_verified(self):
        self._link().action_revoke()
        self.assertTrue(self.review.verify_history()["is_whole"])

    def test_links_are_valid_for_a_year_at_most(self):
        for days in (-1, 400):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._link(days)

    def test_only_who_writes_the_review_makes_and_reads_links(self):
        link = self._link()
        for user in (self.sue, self.zoe):
            own = self._as(user, link)
            self.assertFalse(own.has_access("read"))
            for method in ("action_revoke", "action_show"):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    getattr(own, method)()
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._wizard(user).action_make_link()

    def test_mails_go_by_the_outbox_with_a_link_each(self):
        wizard = self._wizard(
            addresses="ann@example.com\nbob@example.com, ann@example.com"
        )
        wizard.action_mail_links()
        links = self._links().search([("review_id", "=", self.review.id)])
        self.assertEqual(
            sorted(links.mapped("name")), ["ann@example.com", "bob@example.com"]
        )
        deliveries = self.env["kpi.delivery"].search(
            [("res_model", "=", links._name), ("res_id", "in", links.ids)]
        )
        self.assertEqual(len(deliveries), 2)
        message = deliveries[0]._compose()
        link = links.filtered(lambda one: one.id == deliveries[0].res_id)
        self.assertEqual(message.actions[0].url, link._get_address())
        self.assertFalse(deliveries[0].body)

    def test_addresses_that_are_none_are_named(self):
        for text in ("", "ann@example.com\nnobody", "a" * 300):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._wizard(addresses=text).action_mail_links()

    def test_readers_see_answers_and_not_whom_they_were_asked_by(self):
        link = self._link()
        link.sudo()._store_answer(self._answer())
        seen = self._as(self.sue, self.review.feedback_ids)
        self.assertEqual(seen.comment, "Good")
        with self.assertRaises(AccessError), self.cr.savepoint():
            seen.read(["link_id"])
        with self.assertRaises(AccessError), self.cr.savepoint():
            seen.unlink()
        self.assertFalse(self._as(self.zoe, seen).has_access("read"))

    def test_what_people_typed_is_text_in_files(self):
        evil = "<script>alert(1)</script> & <b>bold</b> {{ 7 }} %s"
        self.review.write(
            {
                "title": f"Review {evil}",
                "executive_summary": evil,
                "lesson_ids": [Command.create({"lesson": evil})],
                "recommendation_ids": [Command.create({"description": evil})],
            }
        )
        self.benefit.name = evil
        link = self._link()
        link.sudo()._store_answer(self._answer(comment=evil, name=evil))
        self.review.action_submit()
        _name, kind, content = self.review._get_file("html")
        page = content.decode()
        self.assertIn("text/html", kind)
        self.assertNotIn("<script", page)
        self.assertNotIn("<b>", page)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", page)
        for outside in ("http://", "https://", "src=", "href=", "url("):
            self.assertNotIn(outside, page)
        self.assertIn(self.review.figures_hash, page)
        _name, kind, content = self.review._get_file("pdf")
        self.assertEqual((kind, content[:5]), ("application/pdf", b"%PDF-"))

    def test_a_very_long_text_fits_on_pages(self):
        self.review.executive_summary = "word " * 8000 + "\n" + "x" * 9000
        self.review.objectives_assessment = "line\n" * 500
        _name, _kind, content = self.review._get_file("pdf")
        self.assertGreater(content.count(b"/Type /Page"), 8)
