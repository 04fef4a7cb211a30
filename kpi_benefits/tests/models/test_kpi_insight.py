from dataclasses import replace
from datetime import date
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...engine.outlook import look_ahead
from ...models.insight import kpi_insight_mixin
from .benefit_case import BenefitCase

THIS_MONTH = date.today().replace(day=1)


@tagged("post_install", "-at_install")
class TestKpiInsight(BenefitCase):
    """Forecast, bridge and leaks of benefits."""

    def _live(self, realised, months=24, amount=1000, **values):
        """A benefit of an initiative that is live, whose last month over is the last
        of ``realised``; None = nobody has said."""
        first = THIS_MONTH - relativedelta(months=len(realised))
        initiative = values.pop("initiative", None)
        initiative = initiative or self._make(status="live", go_live_date=first)
        benefit = self._benefit(
            initiative,
            amount=amount,
            date_from=first,
            date_to=first + relativedelta(months=months - 1),
            **values,
        )
        for period, done in zip(benefit.period_ids, realised, strict=False):
            period.realized = False if done is None else done
        return benefit

    def _kinds(self, record):
        return [one["kind"] for one in record.get_insights()["leaks"]]

    def test_a_forecast_says_range_chance_and_what_it_rests_on(self):
        found = self._live([1000, 980, 1010, 1000, 990, 1020]).get_insights()
        forecast = found["forecast"]
        self.assertEqual(forecast["planned"], 24000)
        self.assertEqual(forecast["realized"], 6000)
        self.assertEqual((forecast["months"], forecast["months_total"]), (6, 24))
        self.assertLess(forecast["low"], forecast["value"])
        self.assertLess(forecast["value"], forecast["high"])
        self.assertGreater(forecast["rate"], 0.9)
        self.assertLess(forecast["error"], forecast["plan_error"])
        texts = " ".join(one["text"] for one in forecast["sentences"])
        self.assertRegex(texts, r"of .*24,000\.00 planned \(\d+%\); 80% range")
        self.assertIn("simulated", texts)

    def test_a_range_of_equal_amounts_is_not_named(self):
        def look_sure(*histories):
            outlook = look_ahead(*histories)
            return replace(outlook, low=outlook.rate, high=outlook.rate)

        with patch(f"{kpi_insight_mixin.__name__}.look_ahead", look_sure):
            found = self._live([1000] * 6).get_insights()["forecast"]
        total = found["sentences"][0]["text"]
        self.assertRegex(total, r"of .*24,000\.00 planned \(\d+%\)\.$")
        classes = self.env["kpi.reference.class"]
        known = {"name": "Bridges", "source": "A study", "low": 0.2}
        self.assertEqual(
            classes.new({**known, "high": 0.2})._explain(), "Bridges: 20% (A study)."
        )
        self.assertIn("20% to 30%", classes.new({**known, "high": 0.3})._explain())

    def test_the_chart_ends_in_the_range(self):
        forecast = self._live([1000] * 6).get_insights()["forecast"]
        points = forecast["points"]
        self.assertEqual(len(points), 24)
        self.assertEqual([one["value"] for one in points[:6]][-1], 6000)
        self.assertIsNone(points[6]["value"])
        self.assertIsNone(points[5]["expected"])
        self.assertEqual(points[-1]["target"], 24000)
        ends = {name: points[-1]["expected"][name] for name in ("value", "low", "high")}
        self.assertEqual(ends, {name: forecast[name] for name in ends})

    def test_a_long_life_is_drawn_by_fewer_points(self):
        forecast = self._live([100] * 6, months=200).get_insights()["forecast"]
        self.assertLessEqual(len(forecast["points"]), 60)
        self.assertEqual(forecast["points"][-1]["target"], 200_000)

    def test_what_cannot_be_forecast_is_said(self):
        over = self._live([1000] * 6, months=6).get_insights()["forecast"]
        self.assertIsNone(over["value"])
        self.assertIn("All months are closed", over["sentences"][0]["text"])
        none = self._make().get_insights()
        self.assertIn("No planned benefits", none["forecast"]["sentences"][0]["text"])
        self.assertEqual(none["leaks"], [])
        zero = self._live([0, 0], amount=0).get_insights()["forecast"]
        self.assertIn("The plan totals 0", zero["sentences"][0]["text"])
        self.assertIsNone(zero["rate"])

    def test_own_benefits_that_are_over_count_as_far_as_the_reader_sees_them(self):
        for _count in range(12):
            self._live([1000] * 3 + [300] * 3, months=6)
        benefit = self._live([1000] * 12)
        seen = benefit.get_insights()["forecast"]
        self.assertEqual(seen["own"], 12)
        benefit.owner_id = self.zoe
        alone = self._as(self.zoe, benefit).get_insights()["forecast"]
        self.assertEqual(alone["own"], 0)
        self.assertIn("none of yours is completed", alone["sentences"][2]["text"])
        self.assertLess(seen["rate"], alone["rate"])

    def test_the_bridge_adds_up(self):
        benefit = self._live([0, 0, 900, 900, 850, 880])
        late = THIS_MONTH - relativedelta(months=4)
        # What would have come two months later is told from the rest.
        benefit.initiative_id.go_live_date = late
        found = benefit.get_insights()["variance"]
        self.assertEqual((found["planned"], found["realized"]), (6000, 3530))
        steps = {one["kind"]: one["amount"] for one in found["steps"]}
        self.assertEqual(steps, {"timing": -2000, "unexplained": -470})
        self.assertEqual(found["planned"] + sum(steps.values()), found["realized"])

    def test_before_a_go_live_the_bridge_blames_none(self):
        benefit = self._live([700, 800, 830])
        benefit.initiative_id.write({"status": "in_delivery", "go_live_date": False})
        found = benefit.get_insights()["variance"]
        self.assertEqual((found["planned"], found["realized"]), (3000, 2330))
        steps = {one["kind"]: one["amount"] for one in found["steps"]}
        self.assertEqual(steps, {"unexplained": -670})

    def test_the_bridge_of_an_initiative_names_where_it_is_lost(self):
        good = self._live([1000] * 4)
        bad = self._live([100] * 4, initiative=good.initiative_id, name="Fewer calls")
        found = good.initiative_id.get_insights()["variance"]
        self.assertEqual((found["planned"], found["realized"]), (8000, 4400))
        named = [one["records"] for one in found["sentences"]][-1]
        self.assertEqual([one["id"] for one in named], bad.ids)

    def test_leaks_with_their_evidence(self):
        benefit = self._live([1000, 1010, 990, 1000, 600, 610, 590, 600])
        insights = benefit.get_insights()
        (leak,), forecast = insights["leaks"], insights["forecast"]
        self.assertEqual((leak["kind"], leak["lost"]), ("shortfall", 1600))
        coming = forecast["value"] - forecast["realized"]
        self.assertAlmostEqual(leak["coming"], 16 * 1000 - coming, 1)
        self.assertLess(leak["coming"], 8000)
        first = THIS_MONTH - relativedelta(months=4)
        self.assertEqual(leak["first_month"], str(first))
        (sentence,) = leak["sentences"]
        self.assertIn("2,400.00", sentence["text"])
        self.assertEqual(sentence["records"][0]["id"], benefit.id)
        self.assertEqual(self._kinds(benefit.initiative_id), ["shortfall"])

    def test_kinds_of_leaks(self):
        self.assertEqual(self._kinds(self._live([1000] * 8)), [])
        self.assertEqual(self._kinds(self._live([1000, 900, *[None] * 3])), ["silence"])
        self.assertEqual(self._kinds(self._live([0, 0, 0, 1000, 1000])), ["delay"])

    def test_who_reports_once_a_year_is_not_silent_in_between(self):
        benefit = self._live([None] * 7)
        self.assertEqual(self._kinds(benefit), ["silence"])
        self.assertEqual(benefit.suggested_status, "at_risk")
        self.assertEqual(benefit.suggestion_reason, "No value for the last 7 months.")
        benefit.reported_every = "half_year"
        self.assertEqual(self._kinds(benefit), ["silence"])
        benefit.reported_every = "year"
        self.assertEqual(self._kinds(benefit), [])
        self.assertNotIn("No value", benefit.suggestion_reason)

    def test_assumptions_that_expired_or_failed(self):
        benefit = self._live([1000] * 3, assumptions="Prices stay\nTwo people")
        prices, people = benefit.assumption_ids
        self.assertEqual(self._kinds(benefit), [])
        prices.review_date = "2020-01-31"
        people._note_check("failed", False, "Only one is left")
        expired, failed = benefit.get_insights()["leaks"]
        self.assertEqual({expired["kind"], failed["kind"]}, {"expired_assumption"})
        self.assertEqual(expired["first_month"], "2020-01-01")
        for leak, row, words in (
            (expired, prices, ("“Prices stay”", "Jan 31, 2020")),
            (failed, people, ("“Two people”", "Only one is left")),
        ):
            (sentence,) = leak["sentences"]
            for word in words:
                self.assertIn(word, sentence["text"])
            cited = [(one["model"], one["id"]) for one in sentence["records"]]
            self.assertEqual(cited, [(benefit._name, benefit.id), (row._name, row.id)])
        prices._note_check("holds", date.today() + relativedelta(days=1), "List")
        self.assertEqual(len(benefit.get_insights()["leaks"]), 1)

    def test_nothing_entered_before_the_go_live_is_late_not_silent(self):
        benefit = self._live([None, None, None])
        benefit.initiative_id.write({"status": "in_delivery", "go_live_date": False})
        self.assertEqual(self._kinds(benefit), ["delay"])
        benefit.initiative_id.status = "proposed"
        self.assertEqual(self._kinds(benefit), [])

    def test_the_same_amounts_twice(self):
        amounts = [1011, 987, 1003]
        one = self._live(amounts)
        other = self._live(amounts, owner_id=self.zoe.id)
        self.assertEqual(self._kinds(other), ["double_claim"])
        (sentence,) = other.get_insights()["leaks"][0]["sentences"]
        self.assertNotIn(one.initiative_id.name, sentence["text"])
        self.assertEqual(
            [each["id"] for each in sentence["records"]], [other.id, one.id]
        )
        # Who does not see the other one learns nothing of it.
        self.assertEqual(self._kinds(self._as(self.zoe, other)), [])
        self.assertEqual(self._kinds(self._live([500] * 3, amount=500)), [])
        self.assertEqual(
            self._kinds(self._live([500] * 3, amount=500)), []
        )  # a round sum

    def test_a_cost_overrun(self):
        initiative = self._make(status="in_delivery")
        cost = self.env["kpi.initiative.cost"].create(
            {"initiative_id": initiative.id, "planned": 1000, "forecast": 1050}
        )
        self.assertEqual(self._kinds(initiative), [])
        cost.forecast = 1300
        (leak,) = initiative.get_insights()["leaks"]
        self.assertEqual(
            (leak["kind"], leak["lost"], leak["coming"]), ("cost_overrun", 0, 300)
        )
        cost.actual = 1200
        (leak,) = initiative.get_insights()["leaks"]
        self.assertEqual((leak["lost"], leak["coming"]), (200, 100))

    def test_others_see_nothing(self):
        benefit = self._live([1000] * 3)
        for record in (benefit, benefit.initiative_id):
            with self.assertRaises(AccessError):
                self._as(self.zoe, record).get_insights()
            with self.assertRaises(UserError):
                record.browse().get_insights()
        benefit.owner_id = self.zoe  # need not see the initiative
        found = self._as(self.zoe, benefit).get_insights()
        self.assertEqual(found["forecast"]["realized"], 3000)

    def test_standing_among_own_initiatives(self):
        others = [self._with_cost(1000, cost) for cost in (900, 1000, 1100, 1200)]
        initiative = self._with_cost(1000, 1050)
        few = self._overrun(initiative)
        self.assertEqual((few["percentile"], few["others"]), (None, 4))
        self.assertIn(
            "Needs 5 comparable initiatives; 4 so far", few["sentences"][0]["text"]
        )
        others.append(self._with_cost(1000, 1400))
        found = self._overrun(initiative)
        self.assertAlmostEqual(found["value"], 0.05)
        # Three of five cost more.
        self.assertEqual((found["percentile"], found["others"]), (60, 5))
        self.assertAlmostEqual(found["median"], 0.1)
        self.assertIn("60", found["sentences"][0]["text"])
        # A plain owner is compared with what they see.
        own = self._as(self.olga, initiative)
        others[0].owner_id = self.zoe
        self.assertEqual(self._overrun(own)["others"], 4)

    def _with_cost(self, planned, actual):
        costs = {"planned": planned, "actual": actual}
        return self._make(status="live", cost_ids=[Command.create(costs)])

    def _overrun(self, initiative):
        (found,) = (
            one
            for one in initiative.get_insights()["benchmark"]
            if one["measure"] == "cost_overrun"
        )
        return found

    def test_studies_are_named(self):
        found = self._overrun(self._with_cost(1000, 1050))
        standard = [one for one in found["classes"] if one["high"] == 0.24]
        self.assertEqual([one["low"] for one in standard], [0.02])
        self.assertIn("Mott MacDonald", standard[0]["source"])
        cited = [
            one["records"][0]["model"] for one in found["sentences"] if one["records"]
        ]
        self.assertIn("kpi.reference.class", cited)

    def test_delay_in_days_and_as_a_share(self):
        initiative = self._make(
            status="live",
            approved_on="2026-01-01",
            planned_go_live_date="2026-04-11",
            go_live_date="2026-05-01",
        )
        found = {
            one["measure"]: one["value"]
            for one in initiative.get_insights()["benchmark"]
        }
        self.assertEqual(found, {"delay_days": 20, "time_overrun": 0.2})
        self.assertEqual(self._make().get_insights()["benchmark"], [])

    def test_a_reference_class_names_a_range(self):
        values = {"name": "Software", "source": "A study", "low": 0.5, "high": 0.2}
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.env["kpi.reference.class"].create(values)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.env["kpi.reference.class"].create({**values, "high": float("nan")})
