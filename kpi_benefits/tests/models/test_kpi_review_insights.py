import re

from odoo.tests import tagged
from odoo.tools import format_amount
from odoo.tools.misc import formatLang

from odoo.addons.kpi_base.formatting import format_day, format_percent

from .review_case import ReviewCase

NUMBER = re.compile(r"\d[\d.,/]*")


@tagged("post_install", "-at_install")
class TestKpiReviewInsights(ReviewCase):
    """Sentences on the figures: each number is found in the records they cite."""

    def _numbers_of(self, record):
        """All numbers that a record holds, as its reader sees them written."""
        texts = []
        for field in record._fields.values():
            value = record[field.name] if field.type != "binary" else False
            if field.type == "monetary" and value is not False:
                texts.append(format_amount(self.env, value, record.currency_id))
            elif field.type == "date" and value:
                texts.append(format_day(self.env, value, with_year=True))
            elif field.type == "float" and value is not False:
                texts.append(format_percent(self.env, value))
                texts += [
                    formatLang(self.env, value, digits=digits) for digits in (1, 2)
                ]
                texts.append(str(value))
            elif field.type in ("char", "integer") and value:
                texts.append(str(value))
        return {
            number.rstrip(".,") for text in texts for number in NUMBER.findall(text)
        }

    def _assert_cited(self, review):
        said = review._suggest_insights()
        self.assertTrue(said)
        for one in said:
            self.assertTrue(one["records"])
            known = set()
            for cited in one["records"]:
                known |= self._numbers_of(self.env[cited["model"]].browse(cited["id"]))
            numbers = {each.rstrip(".,") for each in NUMBER.findall(one["text"])}
            self.assertTrue(numbers, one["text"])
            self.assertLessEqual(numbers, known, one["text"])
        return [one["text"] for one in said]

    def test_each_number_is_in_the_records(self):
        self._benefit(
            self.initiative,
            name="More orders",
            amount=500,
            date_from=self.benefit.date_from,
            date_to=self.benefit.date_to,
        ).period_ids.sorted("period_start")[:3].realized = 700
        review = self._review()
        draft = self._assert_cited(review)
        text = "\n".join(draft)
        for part in ("“Less work” is behind", "“More orders” is ahead", "Cost: "):
            self.assertIn(part, text)
        review.action_submit()
        frozen = self._assert_cited(review)
        self.assertEqual(draft, frozen)

    def test_the_frozen_figures_are_cited_later(self):
        review = self._published()
        before = review._suggest_insights()
        self.benefit.period_ids.sorted("period_start")[:1].realized = 5
        self.assertEqual(review._suggest_insights(), before)
        models = {one["model"] for each in before for one in each["records"]}
        self.assertEqual(models, {"kpi.review.figure"})

    def test_suggested_text_is_added_to_what_is_there(self):
        review = self._review(benefits_analysis="Mine.")
        review.action_suggest_text()
        first, *_rest, last = review.benefits_analysis.splitlines()
        self.assertEqual(first, "Mine.")
        self.assertIn("“Go-live” was passed on Feb 6, 2026", last)

    def test_what_is_below_a_programme_is_named_not_added(self):
        top = self._make(name="Digital")
        self.initiative.parent_id = top
        review = self.env["kpi.post.implementation.review"].create(
            {"initiative_id": top.id, "reviewer_id": self.sue.id}
        )
        review.action_suggest_text()
        text = review.benefits_analysis or ""
        said = self._as(self.olga, review).restricted_suggestions
        for part in ("“Less work” is behind", "Benefits reached", "Realized so far"):
            self.assertNotIn(part, text)
            self.assertIn(part, said)

    def test_names_with_percent_signs_are_only_names(self):
        self.benefit.name = "50 %s %(npv)s <b>"
        said = self._review()._suggest_insights()
        self.assertTrue(any("50 %s %(npv)s <b>" in one["text"] for one in said))

    def test_an_initiative_without_figures_says_nothing_wrong(self):
        initiative = self._make(name="Bare")
        review = self.env["kpi.post.implementation.review"].create(
            {"initiative_id": initiative.id}
        )
        self.assertEqual(review._suggest_insights(), [])
        review.action_suggest_text()
        self.assertFalse(review.benefits_analysis)
