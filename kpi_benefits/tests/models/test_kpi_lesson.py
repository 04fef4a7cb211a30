from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .review_case import ReviewCase


@tagged("post_install", "-at_install")
class TestKpiLesson(ReviewCase):
    """Lessons of published reviews are offered to initiatives that they fit."""

    def setUp(self):
        super().setUp()
        self.tag = self.env["kpi.lesson.tag"].create({"name": "Scanners"})

    def _lessons(self, *texts, **values):
        return [
            Command.create({"lesson": text, "category": "people", **values})
            for text in texts
        ]

    def test_lessons_are_offered_once_they_are_published(self):
        review = self._submitted(lesson_ids=self._lessons("Begin with the data."))
        new = self._make(name="New")
        self.assertFalse(new.offered_lesson_ids)
        self._as(self.sue, review).action_approve()
        review.action_publish()
        self.env.invalidate_all()
        self.assertEqual(new.offered_lesson_ids, review.lesson_ids)
        # Also to who may not see the review.
        own = self._make(name="Own", owner_id=self.zoe.id, sponsor_id=False)
        own = self._as(self.zoe, own)
        self.assertEqual(own.offered_lesson_ids.ids, review.lesson_ids.ids)

    def test_what_fits_best_stands_first(self):
        self._published(lesson_ids=self._lessons("By department"))
        elsewhere = self.env["hr.department"].create(
            {"name": "Elsewhere", "company_id": self.company.id}
        )
        self.initiative = self._make(
            name="Two", department_id=elsewhere.id, status="live"
        )
        tagged = self._published(
            lesson_ids=self._lessons("By topic", tag_ids=[Command.set(self.tag.ids)])
        )
        self._published(lesson_ids=self._lessons("Nothing in common"))
        new = self._make(name="New", lesson_tag_ids=[Command.set(self.tag.ids)])
        self.assertEqual(
            new.offered_lesson_ids.mapped("lesson"), ["By topic", "By department"]
        )
        self.assertEqual(new.offered_lesson_ids[0].review_id, tagged)

    def test_the_same_type_of_benefit_counts(self):
        self._published(lesson_ids=self._lessons("Count the hours first."))
        new = self._make(name="New", department_id=False)
        self.assertFalse(new.offered_lesson_ids)
        self._benefit(new)
        self.assertEqual(
            new.offered_lesson_ids.mapped("lesson"), ["Count the hours first."]
        )

    def test_everybody_in_the_company_reads_published_ones_only(self):
        review = self._submitted(lesson_ids=self._lessons("Begin with the data."))
        lesson = self._as(self.zoe, review.lesson_ids)
        self.assertFalse(lesson.has_access("read"))
        self._as(self.sue, review).action_approve()
        review.action_publish()
        self.env.invalidate_all()
        self.assertEqual(lesson.lesson, "Begin with the data.")
        self.assertFalse(self._as(self.zoe, review).has_access("read"))
        found = lesson.search([("lesson", "ilike", "the data")])
        self.assertEqual(found, lesson)
        with self.assertRaises(AccessError), self.cr.savepoint():
            lesson.lesson = "Mine"

    def test_lessons_of_other_companies_are_not_offered(self):
        review = self._published(lesson_ids=self._lessons("Begin with the data."))
        far = self._make_far(lesson_tag_ids=[Command.set(self.tag.ids)])
        self._benefit(far)
        self.assertFalse(far.offered_lesson_ids)
        theirs = review.lesson_ids.with_user(far.owner_id).with_context(
            allowed_company_ids=far.company_id.ids
        )
        self.assertFalse(theirs.has_access("read"))

    def test_a_lesson_says_something(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._review(lesson_ids=self._lessons("  \n "))
