from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .analysis_case import MONTHS, NOW, AnalysisCase, months, seasonal


@tagged("post_install", "-at_install")
class TestKpiEvents(AnalysisCase):
    """Notes that forecasts follow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = seasonal()
        values[-12] = 400.0  # a campaign in March 2025
        cls.campaign = date(2025, 3, 1)
        cls.orders = cls._entered("Orders", months(values), aggregation_time="sum")
        cls.usual = seasonal(MONTHS + 13)

    def _note(self, **values):
        return self._as(self.officer, self.env["kpi.annotation"]).create(
            {
                "report_id": self.orders.id,
                "date": self.campaign,
                "text": "Campaign",
                **values,
            }
        )

    def _error(self):
        """How far the forecasts of the next year are off, in all."""
        self._analyse(self.orders)
        return sum(
            abs(point.value - usual)
            for point, usual in zip(
                self._latest(self.orders), self.usual[MONTHS:], strict=True
            )
        )

    def test_a_one_off_improves_the_next_year(self):
        note = self._note(effect="real")
        before = self._error()
        note.effect = "one_off"
        with self._at(NOW):
            self.assertTrue(self._forecast(self.orders).is_stale)
        after = self._error()
        self.assertLess(after, 0.6 * before)

    def test_a_one_off_is_not_unusual(self):
        self._analyse(self.orders)
        found = self.env["kpi.anomaly"].search([("report_id", "=", self.orders.id)])
        self.assertEqual(found.oddest_start, self.campaign)
        self._note(effect="one_off")
        self._analyse(self.orders)
        self.assertFalse(found.exists())

    def test_planned_ones_change_what_is_expected(self):
        self._note(effect="one_off")
        self._analyse(self.orders)
        plain = self._latest(self.orders).mapped("value")
        self._note(
            effect="add",
            effect_amount=62,
            date=date(2026, 4, 1),
            date_to=date(2026, 5, 31),
        )
        self._note(
            effect="factor",
            effect_amount=2,
            date=date(2026, 6, 1),
            date_to=date(2026, 6, 15),
        )
        self._analyse(self.orders)
        points = self._latest(self.orders)
        april, may, june, july = points[1:5]
        total = april.value + may.value - plain[1] - plain[2]
        self.assertAlmostEqual(total, 62)
        self.assertAlmostEqual(april.value - plain[1], 62 * 30 / 61)
        self.assertAlmostEqual(june.value, 1.5 * plain[3])
        self.assertAlmostEqual(july.value, plain[4])
        self.assertAlmostEqual(june.plain_value, plain[3])
        self.assertIs(july.plain_value, False)
        self.assertLess(june.low_80, june.value)

    def test_what_was_planned_is_judged_by_what_came(self):
        self._note(effect="one_off")
        april = {"date": date(2026, 4, 1), "date_to": date(2026, 4, 30)}
        self._note(effect="factor", effect_amount=2, **april)
        self._analyse(self.orders)
        row = self._as(self.user, self._forecast(self.orders))
        self.orders.shared_user_ids = self.user
        self.assertEqual(row.plan_result, "", "no period has ended yet")
        came = 2 * self.usual[MONTHS + 1]
        self._fill(self.orders, {"2026-03": self.usual[MONTHS], "2026-04": came})
        self._analyse(self.orders, now="2026-05-05 12:00:00")
        (made,) = self.points.search(
            [
                ("report_id", "=", self.orders.id),
                ("is_latest", "=", False),
                ("period_start", "=", date(2026, 4, 1)),
                ("plain_value", "!=", False),
            ]
        )
        with self._at("2026-05-05 12:00:00"):
            self.env.invalidate_all()
            errors = [
                f"{round(abs(value - came))}"
                for value in (made.value, made.plain_value)
            ]
            self.assertIn(
                f"Average error: {errors[0]} with planned events", row.plan_result
            )
            self.assertIn(f", {errors[1]} without", row.plan_result)
        self.assertLess(int(errors[0]), int(errors[1]))

    def test_a_note_that_goes_is_forgotten(self):
        note = self._note(effect="factor", effect_amount=3, date=date(2026, 4, 1))
        before = self._latest(self.orders).mapped("value")
        self._analyse(self.orders)
        with_note = self._latest(self.orders)[1].value
        note.unlink()
        with self._at(NOW):
            self.assertTrue(self._forecast(self.orders).is_stale)
        self._analyse(self.orders)
        self.assertLess(self._latest(self.orders)[1].value, with_note)
        self.assertFalse(before)

    def test_plain_notes_change_nothing(self):
        self._analyse(self.orders)
        self._note()
        with self._at(NOW):
            self.assertFalse(self._forecast(self.orders).is_stale)

    def test_what_is_missing_or_wrong_is_named(self):
        with self.assertRaisesRegex(ValidationError, "how much “Campaign” changes"):
            self._note(effect="add")
        with self.assertRaisesRegex(ValidationError, "the factor cannot be negative"):
            self._note(effect="factor", effect_amount=-1)
        with self.assertRaisesRegex(ValidationError, "ends before it starts"):
            self._note(effect="one_off", date_to=date(2025, 2, 1))
