from odoo.exceptions import UserError
from odoo.tests import tagged

from .review_case import ReviewCase


@tagged("post_install", "-at_install")
class TestKpiInitiativeReviews(ReviewCase):
    """An initiative and its reviews know each other."""

    def _open(self, initiative):
        action = initiative.action_write_review()
        return action.get("res_id", False), action["context"]["default_initiative_id"]

    def test_writing_goes_on_with_what_was_begun(self):
        initiative = self._as(self.olga, self.initiative)
        self.assertEqual(self._open(initiative), (False, initiative.id))
        review = self._review()
        self.assertEqual(self._open(initiative), (review.id, initiative.id))
        self.assertFalse(initiative.has_published_review)

    def test_a_published_review_marks_its_initiative_as_reviewed(self):
        draft = self._review()
        with self.assertRaises(UserError), self.cr.savepoint():
            draft.action_review_initiative()
        draft.unlink()
        review = self._published()
        self.initiative.status = "live"
        self.assertTrue(self._as(self.olga, self.initiative).has_published_review)
        review.action_review_initiative()
        self.assertEqual(self.initiative.status, "reviewed")
        self.assertEqual(self._open(self.initiative)[0], False)
