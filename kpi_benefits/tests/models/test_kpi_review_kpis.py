from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .baseline_case import BaselineCase
from .review_case import ReviewCase

FIGURE = "kpi.review.figure"


@tagged("post_install", "-at_install")
class TestKpiReviewKpis(ReviewCase, BaselineCase):
    """Reviews freeze KPIs, for who may see them then and now.

    Max manages the department, sees the initiative and none of its KPIs.
    """

    def setUp(self):
        super().setUp()
        self.kpi = self._kpi(unit="custom", unit_symbol="h")
        self.baseline = self._baseline(self.kpi, self.initiative)
        self._months(self.kpi, 18, 16, 14)

    def _kpi_figure(self, review, code):
        self.env.flush_all()
        self.env.invalidate_all()
        return self._figure(review, code, "kpi")

    def _shown(self, review, code):
        figure = self._kpi_figure(review, code)
        return figure.shown, figure.shown_now

    def test_a_kpi_is_frozen_as_it_was(self):
        review = self._submitted()
        cases = {
            "baseline_value": (20, "", "20\u202fh"),
            "target_value": (10, "", "10\u202fh"),
            "last_value": (14, "2026-03-01", "14\u202fh (Mar 2026)"),
            "progress": (0.6, "", "60%"),
        }
        for code, (value, text, shown) in cases.items():
            figure = self._kpi_figure(review, code)
            self.assertAlmostEqual(figure.value, value, msg=code)
            self.assertEqual((figure.text or "", figure.shown), (text, shown))
            self.assertFalse(figure.is_changed, code)
            self.assertEqual(figure.report_ids, self.kpi)
        self.assertIn("Hours per invoice: Baseline", review.figure_ids.mapped("label"))
        self.assertTrue(review.verify_history()["is_whole"])

    def test_amounts_and_times_have_their_units(self):
        dollar = self.env.ref("base.USD")
        cases = (
            ({"unit": "currency", "currency_id": dollar.id}, "$"),
            ({"unit": "duration", "duration_unit": "hour"}, "14\u202fHours"),
            ({"unit": "percent"}, "14%"),
            ({"unit": "number", "decimals": 1}, "14.0"),
        )
        for values, _part in cases:
            kpi = self._kpi(f"Of {values['unit']}", **values)
            self._baseline(kpi, self.initiative)
            self._months(kpi, 14)
        review = self._submitted()
        for values, part in cases:
            name = f"Of {values['unit']}"
            figure = review.figure_ids.filtered(
                lambda one, name=name: (one.name, one.code) == (name, "last_value")
            )
            self.assertIn(part, figure.shown)

    def test_means_have_two_decimals_more(self):
        self.baseline.baseline_value = 20 / 3
        review = self._submitted()
        self.assertEqual(self._shown(review, "baseline_value"), ("6.67\u202fh", ""))

    def test_a_unit_that_changes_later_leaves_what_was_frozen(self):
        review = self._submitted()
        self.kpi.definition_id.unit_symbol = "min"
        self.assertEqual(self._shown(review, "target_value"), ("10\u202fh", ""))

    def test_a_target_that_moved_shows_both(self):
        review = self._published()
        self.baseline.target_value = 15
        self.assertEqual(
            self._shown(review, "target_value"), ("10\u202fh", "15\u202fh")
        )
        self.assertEqual(self._shown(review, "progress"), ("60%", "120%"))
        self.assertEqual(self._shown(review, "baseline_value")[1], "")
        self.assertEqual(review.changed_figure_count, 2)
        self.assertTrue(review.verify_history()["is_whole"])

    def test_a_fact_that_is_corrected_shows_both(self):
        review = self._published()
        then, march = "14\u202fh (Mar 2026)", date(2026, 3, 1)
        self._record(self.kpi, {march: 13})
        now = "13\u202fh (Mar 2026)"
        self.assertEqual(self._shown(review, "last_value"), (then, now))
        self._record(self.kpi, {date(2026, 4, 1): 12})
        later = "12\u202fh (Apr 2026)"
        self.assertEqual(self._shown(review, "last_value"), (then, f"{now}, {later}"))
        self._record(self.kpi, {march: 14})
        self.assertEqual(self._shown(review, "last_value"), (then, later))
        self._record(self.kpi, {march: None})
        self.assertEqual(
            self._shown(review, "last_value"), (then, f"– (Mar 2026), {later}")
        )
        self.assertTrue(review.verify_history()["is_whole"])

    def test_a_kpi_without_values_has_none(self):
        self._record(self.kpi, {date(2026, month, 1): None for month in (1, 2, 3)})
        review = self._published()
        self.assertEqual(self._shown(review, "last_value"), ("–", ""))
        self._record(self.kpi, {date(2026, 1, 1): 19})
        self.assertEqual(
            self._shown(review, "last_value"), ("–", "19\u202fh (Jan 2026)")
        )

    def test_enormous_values_are_not_frozen(self):
        self._record(self.kpi, {date(2026, 3, 1): 1e300})
        review = self._submitted()
        self.assertEqual(self._shown(review, "progress"), ("–", ""))
        self.assertTrue(review.verify_history()["is_whole"])

    def test_enormous_values_are_not_printed_digit_by_digit(self):
        review = self._submitted()
        self._record(self.kpi, {date(2026, 3, 1): 1e300})
        then, now = self._shown(review, "last_value")
        self.assertEqual(then, "14\u202fh (Mar 2026)")
        self.assertIn("1 × 10³⁰⁰ (Mar 2026)", now)
        self.assertLess(len(now), 60)

    def test_it_stays_with_the_review(self):
        review = self._published()
        with self.assertRaisesRegex(UserError, "part of a review"):
            self.baseline.unlink()
        self.baseline.active = False
        self.assertEqual(self._shown(review, "target_value"), ("10\u202fh", "–"))

    def test_who_may_not_see_the_kpi_sees_nothing_of_it(self):
        review = self._published()
        self.max.group_ids += self.env.ref("base.group_allow_export")
        seen = self._as(self.max, review)
        self.assertTrue(seen.has_access("read"))
        figures = self._kpi_figure(review, "target_value")
        for _time in ("then", "now"):
            self.assertNotIn("kpi", seen._find_figures().mapped("kind"))
            self.assertTrue(seen.has_hidden_figures)
            self.env.invalidate_all()
            own = seen.read(["figure_ids"])[0]["figure_ids"]
            self.assertFalse(set(own) & set(figures.ids))
            with self.assertRaises(AccessError):
                self._as(self.max, figures).read(["value", "shown_now"])
            found = self._as(self.max, self.env[FIGURE]).search(
                [("review_id", "=", review.id), ("kind", "=", "kpi")]
            )
            self.assertFalse(found)
            columns = ["figure_ids/name", "figure_ids/value", "figure_ids/text"]
            self.assertNotIn("Hours", str(seen.export_data(columns)["datas"]))
            said = seen._prepare_file()
            self.assertNotIn("KPI", [one.title for one in said.figures])
            _name, _type, page = seen._get_file("html")
            self.assertNotIn("Hours per invoice", page.decode())
            self.baseline.target_value = 15
            self.env.invalidate_all()
        _name, _type, page = self._as(self.sue, review)._get_file("html")
        for text in ("Hours per invoice: Target", "10\u202fh", "15\u202fh"):
            self.assertIn(text, page.decode())
        self.assertTrue(self._as(self.sue, review)._get_file("pdf")[2])

    def test_a_reviewer_sees_all_that_is_judged(self):
        self.kpi.shared_user_ids = False
        with self.assertRaisesRegex(UserError, "cannot see all"):
            self._submitted()

    def test_it_is_said_as_soon_as_a_reviewer_is_named(self):
        reviews = self.env["kpi.post.implementation.review"]
        with Form(self._as(self.olga, reviews)) as form:
            form.initiative_id = self.initiative
            self.assertEqual(form.reviewer_id, self.sue)
            self.assertFalse(form.reviewer_note)
            form.reviewer_id = self.zoe
            self.assertIn("Zoe cannot see all of Capture", form.reviewer_note)
        review = form.record
        # Who was named learns nothing of an initiative they do not see.
        self.assertFalse(self._as(self.zoe, review).reviewer_note)
        self.initiative.message_subscribe(self.zoe.partner_id.ids)
        self.env.invalidate_all()
        self.assertIn("share the KPIs", self._as(self.olga, review).reviewer_note)
        self.kpi.shared_user_ids += self.zoe
        self.env.invalidate_all()
        self.assertFalse(self._as(self.olga, review).reviewer_note)
        # In one transaction some read it in other languages.
        contexts = self.env.registry.field_depends_context
        self.assertIn("lang", contexts[review._fields["reviewer_note"]])


@tagged("post_install", "-at_install")
class TestKpiReviewMeasured(ReviewCase, BaselineCase):
    """What a KPI measured stays with who may see the KPI."""

    def setUp(self):
        super().setUp()
        self.kpi = self._kpi()
        self.other = self._kpi("Hours elsewhere")
        self.baseline = self._baseline(
            self.kpi, self.initiative, unit_value=100, control_baseline=20
        )
        self.measured = self._measured_benefit(self.baseline, name="Counted")
        self._months(self.kpi, 18, 16, 14)
        self.env.invalidate_all()

    def _find(self, user, record):
        self.env.flush_all()
        self.env.invalidate_all()
        return self._as(user, record).search([("id", "in", record.ids)])

    def _leakage(self, **values):
        return self.env["kpi.value.leakage"].create(
            {
                "name": "Paper forms",
                "benefit_id": self.measured.id,
                "estimated_impact": 500,
                "evidence": "Only 200 came in January",
                **values,
            }
        )

    def _assert_hidden(self, review, *records):
        figures = review.figure_ids.filtered("report_ids")
        self.assertIn("realized_value", figures.mapped("code"))
        for one in (figures, self.measured, *records):
            self.assertFalse(self._find(self.max, one), one)
            self.assertEqual(self._find(self.olga, one), one)

    def test_what_is_entered_again_opens_nothing(self):
        leakage = self._leakage()
        score = self.env["kpi.benefit.confidence"].create(
            {"benefit_id": self.measured.id, "probability": 0.5, "reason": "Only 200"}
        )
        review = self._published()
        self._assert_hidden(review, leakage, score)
        self._as(self.olga, self.measured).baseline_id = False
        self.assertFalse(self.measured.has_value)
        self.assertEqual(self.measured.former_report_ids, self.kpi)
        self._assert_hidden(review, leakage, score)

    def test_another_kpi_opens_nothing(self):
        review = self._published()
        self.other.shared_user_ids += self.max
        second = self._baseline(self.other, self.initiative)
        self._as(self.olga, self.measured).baseline_id = second
        self._assert_hidden(review)

    def test_a_control_that_is_taken_away_opens_nothing(self):
        self.other.shared_user_ids = self.sue
        self._months(self.other, 20, 20, 20)
        self.baseline.write({"control_id": self.other.id, "control_baseline": 20})
        self.assertTrue(self.measured.has_value)
        self.kpi.shared_user_ids += self.max
        review = self._published()
        self._assert_hidden(review)
        self._as(self.olga, self.baseline).control_id = False
        self._assert_hidden(review)
        self.assertTrue(self._find(self.max, self.baseline))

    def test_a_choice_that_measured_nothing_leaves_no_trace(self):
        benefit = self._benefit(self.initiative, name="Chosen", date_from="2030-01-01",
                                date_to="2030-02-01")  # fmt: skip
        benefit.baseline_id = self._baseline(self.other, self.initiative)
        self.assertFalse(self._find(self.max, benefit))
        benefit.baseline_id = False
        self.assertEqual(self._find(self.max, benefit), benefit)

    def test_leakages_stay_with_what_is_measured(self):
        leakage = self._leakage()
        own = self._as(self.olga, leakage)
        for place in (False, self.benefit.id):
            with (
                self.assertRaisesRegex(UserError, "cannot be moved"),
                self.cr.savepoint(),
            ):
                own.benefit_id = place
        plain = self._leakage(benefit_id=self.benefit.id)
        plain.benefit_id = False
        self.assertEqual(self._find(self.max, plain), plain)

    def test_leakages_go_with_their_benefit(self):
        benefit = self._benefit(self.initiative, name="Small")
        leakage = self._leakage(benefit_id=benefit.id)
        leakage.action_investigate()
        with (
            self.assertRaisesRegex(UserError, "leakages detected automatically"),
            self.cr.savepoint(),
        ):
            benefit.unlink()
        leakage.status = "identified"
        benefit.unlink()
        self.assertFalse(leakage.exists())

    def test_what_a_kpi_measured_once_is_named_not_added(self):
        self.benefit.former_report_ids = self._kpi("Hours once")
        review = self._review()
        review.action_suggest_text()
        said = self._as(self.olga, review).restricted_suggestions
        self.assertNotIn("“Less work” is behind", review.benefits_analysis or "")
        self.assertIn("“Less work” is behind", said)

    def test_sentences_that_not_everybody_may_read_are_named_not_added(self):
        review = self._review()
        said = self._as(self.olga, review).restricted_suggestions
        self.assertIn("Benefits reached", said)
        review.action_suggest_text()
        text = review.benefits_analysis
        self.assertIn("“Less work” is behind", text)
        for part in ("Benefits reached", "Counted", "Realized so far"):
            self.assertNotIn(part, text)
        self.assertTrue(
            [one for one in review._suggest_insights() if "reached" in one["text"]]
        )
        self.assertEqual(review.action_suggest_text()["tag"], "display_notification")
        self.assertEqual(review.benefits_analysis, text)
        for user in (self.max, self.sue):
            self.assertFalse(self._as(user, review).restricted_suggestions)
        review.action_submit()
        self.assertFalse(review.restricted_suggestions)
