import re
from datetime import timedelta

from odoo import fields
from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase

from ..models.review_case import ReviewCase

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
KEY = re.compile(r'name="key" value="([^"]+)"')


@tagged("post_install", "-at_install")
class TestReviewFeedbackPage(ReviewCase, OwnCursorCase):
    """The page of a link: what it says, takes and refuses."""

    def setUp(self):
        super().setUp()
        self.review = self._review()
        links = self._as(self.olga, self.env["kpi.review.feedback.link"])
        day = fields.Date.context_today(self.env.user) + timedelta(days=7)
        self.link = links._generate(self.review, expires_on=day)
        self.path = "/" + self.link._get_address().split("/", 3)[3]

    def _send(self, page, path=None, **values):
        data = {
            "csrf_token": TOKEN.search(page)[1],
            "key": KEY.search(page)[1],
            "rating": "4",
            "name": "Ann",
            "comment": "Good",
            **values,
        }
        return self.url_open(path or self.path, data=data)

    def test_an_answer_is_stored_and_its_replay_is_not(self):
        page = self.url_open(self.path)
        self.assertEqual(page.status_code, 200)
        self.assertIn("Capture invoices", page.text)
        for _time in range(2):
            sent = self._send(page.text)
            self.assertEqual(sent.status_code, 200)
            self.assertIn("Thank you", sent.text)
        feedback = self.review.feedback_ids
        self.assertEqual((len(feedback), feedback.name), (1, "Ann"))

    def test_it_says_nothing_else(self):
        self.review.benefits_analysis = "Secret analysis"
        page = self.url_open(self.path).text
        for text in ("Secret", "It works", "2,400", self.sue.name, self.review.number):
            self.assertNotIn(text, page)
        headers = self.url_open(self.path).headers
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])

    def test_without_its_token_of_the_session_nothing_is_stored(self):
        page = self.url_open(self.path).text
        answer = self._send(page, csrf_token="wrong")
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.review.feedback_ids)

    def test_what_is_missing_is_said_and_what_was_typed_stays(self):
        page = self.url_open(self.path).text
        answer = self._send(page, rating="", comment="<b>Long</b> text")
        self.assertEqual(answer.status_code, 422)
        self.assertIn("Choose a rating", answer.text)
        self.assertIn("&lt;b&gt;Long&lt;/b&gt; text", answer.text)
        self.assertFalse(self.review.feedback_ids)
        self.assertIn("Thank you", self._send(answer.text).text)

    def test_links_of_the_original_open_nothing_in_a_neutralized_copy(self):
        self.assertEqual(self.url_open(self.path).status_code, 200)
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertEqual(self.url_open(self.path).status_code, 404)

    def test_links_that_ended_and_others_are_not_there(self):
        page = self.url_open(self.path).text
        self.link.action_revoke()
        self.env.flush_all()
        for path in (self.path, self.path[:-2] + "xx", "/kpi/benefits/feedback/x"):
            self.assertEqual(self.url_open(path).status_code, 404)
            self.assertEqual(self._send(page, path).status_code, 404)
        self.assertFalse(self.review.feedback_ids)

    def test_too_many_visits_have_to_wait(self):
        links = self.registry["kpi.review.feedback.link"]
        # few, so that no slow machine is allowed another one meanwhile
        self.patch(links, "_visits_per_minute", 2)
        self.env.cr.execute("DELETE FROM kpi_api_counter")
        codes = [self.url_open(self.path).status_code for _visit in range(3)]
        self.assertEqual(codes, [200, 200, 429])

    def test_files_are_for_who_may_see_the_review(self):
        path = f"/kpi/benefits/reviews/{self.review.id}"
        self.authenticate(self.sue.login, self.sue.login)
        for name, kind in (("pdf", "application/pdf"), ("html", "text/html")):
            answer = self.url_open(f"{path}/{name}")
            self.assertEqual(answer.status_code, 200)
            self.assertIn(kind, answer.headers["Content-Type"])
            self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertEqual(self.url_open(f"{path}/txt").status_code, 404)
        self.authenticate(self.zoe.login, self.zoe.login)
        self.assertEqual(self.url_open(f"{path}/pdf").status_code, 404)
