import math
import random
from datetime import date
from itertools import product

from odoo.tests import tagged

from ...engine.judging import COMPARED, CONDITIONS
from ..engine.plain_judging import plain_verdict
from .evaluation_case import EvaluationCase

MONTHS = 30
# of what is compared: limits that some values break and others do not
LIMITS = {
    "value": (40, 90),
    "target": (0.5, 1.1),
    "achievement": (50, 110),
    "previous": (-30, 40),
    "last_year": (-30, 40),
    "baseline": (-30, 40),
}


def month_before(steps):
    """First day of the month so many before the one that runs, March 2026."""
    number = 2026 * 12 + 2 - steps
    return date(number // 12, number % 12 + 1, 1)


@tagged("post_install", "-at_install")
class TestKpiAlertRandom(EvaluationCase):
    """Random values: all that the database finds is what plain Python finds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = random.Random(7)
        cls.numbers = {}
        for place in range(8):
            values = [
                math.nan if rng.random() < 0.2 else float(rng.choice([0, 20, 60, 95]))
                for _month in range(MONTHS)
            ]
            target = rng.choice([80.0, 120.0])
            kpi = cls._entered(
                f"Random {place}", {}, direction=rng.choice(["higher", "lower"])
            )
            cls.env["kpi.target"].create(
                {
                    "report_id": kpi.id,
                    "date_from": date(2020, 1, 1),
                    "value": target,
                    "has_baseline": True,
                    "baseline": 70.0,
                }
            )
            rows = [
                (kpi.id, month_before(at), value)
                for at, value in enumerate(values)
                if value == value
            ]
            cls.env["kpi.measurement"]._upsert("month", rows, source="manual")
            cls.numbers[kpi] = {
                "value": values,
                "weight": [math.nan] * MONTHS,
                "target": [target] * MONTHS,
                "baseline": [70.0] * MONTHS,
                "last_year": [*values[12:], *[math.nan] * 12],
            }

    def test_all_conditions(self):
        kpis = self.env["kpi.report"].concat(*self.numbers)
        rules = {}
        for compared, condition, periods, recent in product(
            COMPARED, CONDITIONS, (1, 2), (1, 3)
        ):
            low, high = LIMITS[compared]
            values = {
                "compared": compared,
                "condition": condition,
                "threshold": high if condition == "above" else low,
                "threshold_high": high if condition == "outside" else False,
                "periods": periods,
                "recent_periods": recent,
            }
            rules[self._rule(*kpis, **values)] = values
        self._evaluate()
        found = {
            (event.alert_id, event.report_id): event.period_start
            for event in self.events.search([("alert_id", "in", [r.id for r in rules])])
        }
        expected = {}
        for rule, values in rules.items():
            plain = {
                **values,
                "recent": values["recent_periods"],
                "threshold_high": values["threshold_high"] or math.nan,
                "clear": math.nan,
                "clear_high": math.nan,
                "least_weight": math.nan,
                "has_running": False,
            }
            look = values["periods"] + values["recent_periods"]
            for kpi, numbers in self.numbers.items():
                column, _grade, _run, fires = plain_verdict(
                    plain, numbers, look, kpi.direction
                )
                if fires:
                    expected[rule, kpi] = month_before(column)
        self.assertEqual(found, expected)
        self.assertGreater(len(expected), 100)
