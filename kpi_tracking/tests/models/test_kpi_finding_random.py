import random
import re
from datetime import date

from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.tests.common import LONG

from ...engine.finding import MAX_FINDING
from .test_kpi_judged import TODAY, KpiTargetCase

KPIS = 400 if LONG else 60
FIRST_YEAR = 2025
MONTHS = 23  # up to the one that runs
# A word of a finding → statuses of the period with which it says the same
SAID = {
    r"\b(missed|ended outside)\b": {"at_risk", "off_target"},
    r"\b(met|beat|ended within)\b": {"on_target"},
    r"on track": {"on_target"},
    r"at risk": {"at_risk"},
    r"off track": {"off_target"},
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiFindingRandom(KpiTargetCase):
    """Whatever the values and targets are, a finding says what the chip says."""

    def test_findings_say_what_chips_say(self):
        rng = random.Random(7)
        tracked = [self._make(rng, number) for number in range(KPIS)]
        reports = self.env["kpi.report"].browse(kpi.id for kpi in tracked)
        first = date(FIRST_YEAR, 1, 1)
        periods = self.calendar._periods("month", first, date(2026, 11, 20))
        periods_of = dict.fromkeys(reports, periods)
        standings = reports._get_standings(periods_of)
        findings = reports._get_findings(periods_of)
        count = 0
        for report in reports:
            for standing in standings[report]:
                found = findings[report][standing.period.start]
                count += bool(found)
                with self.subTest(found=found, kpi=report.name, standing=standing):
                    self._check(found, standing)
        self.assertGreater(count, KPIS * MONTHS / 4)

    def _check(self, found, standing):
        status = standing.judged.status
        if not found:
            self.assertFalse(standing.is_judged)
            return
        self.assertLessEqual(len(found), MAX_FINDING)
        self.assertIn(standing.label, found)
        self.assertNotRegex(found, r"nan|inf|None|False|%\(")
        self.assertEqual("so far" in found, standing.is_running)
        for words, statuses in SAID.items():
            if re.search(words, found):
                self.assertIn(status, statuses)
        if not standing.is_judged:
            self.assertRegex(found, "rose|fell|best|worst")

    def _make(self, rng, number):
        """A KPI of random kind with random values; every fifth has no target."""
        direction = rng.choice(["higher", "lower", "range"])
        level = rng.choice([0.0, 1e-6, 1.0, 100.0, 1e9, -100.0])
        spread = rng.choice([0.0, 0.01, 0.3, 2.0]) * (abs(level) or 1.0)
        months = [
            (FIRST_YEAR + at // 12, at % 12 + 1)
            for at in range(MONTHS)
            if rng.random() < 0.9
        ]
        report = self._report(
            f"Random {number}",
            {month: level + rng.gauss(0, 1) * spread for month in months},
            direction=direction,
            **rng.choice(
                [
                    {"aggregation_time": "sum"},
                    {"aggregation_time": "average"},
                    {"aggregation_time": "last", "unit": "percent"},
                ]
            ),
        )
        target = level * rng.choice([0.0, 0.5, 1.0, 1.02, 2.0])
        if number % 5 and direction == "range":
            width = abs(target) * rng.random() + 0.1
            self._target(
                report,
                (FIRST_YEAR, 1),
                range_low=target - width,
                range_high=target + width,
            )
        elif number % 5:
            self._target(report, (FIRST_YEAR, 1), target)
        return report
