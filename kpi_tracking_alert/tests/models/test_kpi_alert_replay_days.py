"""A replay lists the alerts that evaluations raised, one day after the other."""

import random
from collections import defaultdict
from datetime import date, timedelta

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import LONG

from .evaluation_case import EvaluationCase

DAY = timedelta(days=1)
HISTORY = 26 if LONG else 14  # months before the first day
DAYS = date(2025, 1, 15), date(2025, 7, 31) if LONG else date(2025, 3, 12)
RULES = {
    "trend": {"alert_type": "trend_deterioration"},
    "unusual": {"alert_type": "anomaly_detected", "recent_periods": 2},
    "missing": {"condition": "no_data", "no_data_days": 3},
    "restated": {
        "alert_type": "restated",
        "restated_percent": 10.0,
        "restated_after_days": 2,
    },
    "running": {
        "compared": "achievement",
        "threshold": 75,
        "clear_threshold": 90,
        "judge_running": True,
    },
}
RISK = {"risk": {"alert_type": "target_risk", "chance_below": 45.0}}


def add_months(day, count):
    number = day.year * 12 + day.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


@tagged("post_install", "-at_install")
class TestKpiAlertReplayDays(EvaluationCase):
    """Random values that come early, late, in parts, twice or never."""

    def _make_days(self, rng, first, last, is_plain=False):
        """Day → pairs of a KPI and its value of a month, which come on that day."""
        days = defaultdict(list)
        for place in range(3):
            kpi = self._entered(
                f"KPI {place}",
                {},
                target=100,
                aggregation_time="sum" if place % 2 else "average",
                direction="lower" if place == 2 else "higher",
            )
            for at in range(-HISTORY, 14):
                start = add_months(first.replace(day=1), at)
                closed = add_months(start, 1)
                falling = 3 * max(at + 10, 0) if place == 1 else 0
                value = 105 + rng.gauss(0, 6) - falling
                value *= rng.choice([1.0] * 12 + [0.5, 1.5])
                self._add_value(rng, days, (kpi, start, value), closed, is_plain)
            self.reports |= kpi
        return {day: known for day, known in days.items() if day <= last}

    def _add_value(self, rng, days, known, closed, is_plain):
        kpi, start, value = known
        if is_plain:
            if rng.random() > 0.05:
                days[closed].append(known)
            return
        if rng.random() < 0.4:
            days[closed - 12 * DAY].append((kpi, start, 0.5 * value))
            days[closed - 4 * DAY].append((kpi, start, 0.8 * value))
        if rng.random() > 0.08:
            days[closed + rng.choice([0, 0, 1, 3, 6]) * DAY].append(known)
        if rng.random() < 0.15:
            other = rng.choice([None, 0.7 * value, 1.03 * value])
            days[closed + 20 * DAY].append((kpi, start, other))
            days[closed + 26 * DAY].append(known)

    def _live(self, rules, days, first, last, *, is_daily=False):
        """Alerts of rules that are turned on on the first day, and look at each."""
        for day in sorted(day for day in days if day < first):
            self._enter(days[day], day)
        shown_first = {}
        day = first
        while day <= last:
            with self._at(f"{day} 23:30:00"):
                self._enter(days.get(day, ()), day)
                if day == first:
                    for rule in rules.values():
                        rule.action_turn_on()
                if is_daily or day == first or day in days or day.day == 1:
                    self.env["kpi.predictive.analytics"]._analyse(self.reports)
                self._evaluate()
            for rule in rules.values():
                for event in self._open(rule):
                    shown_first.setdefault(event, event.period_start)
            day += DAY
        found = {name: [] for name in rules}
        for event, start in shown_first.items():
            name = next(name for name in rules if rules[name] == event.alert_id)
            ended = event.resolved_at and event.resolved_at.date()
            found[name].append(
                (
                    event.report_id.name,
                    event.fired_at.date().isoformat(),
                    ended and ended.isoformat() or None,
                    start.isoformat(),
                    event.resolution or "",
                )
            )
        return {name: sorted(rows, key=str) for name, rows in found.items()}

    def _enter(self, known, day):
        if not known:
            return
        rows = [(kpi.id, start, value) for kpi, start, value in known]
        with self._at(f"{day} 23:20:00"):
            self.env["kpi.measurement"]._upsert(
                "month", rows, source="manual", refresh=False
            )
            self.env["kpi.report"].union(*(row[0] for row in known))._refresh_current()

    def _make_rules(self, all_values):
        rules = {}
        for name, values in all_values.items():
            rules[name] = self._rule(*self.reports, **values)
            rules[name].action_turn_off()
        return rules

    def _replay(self, rule, first, last, as_known_then):
        found = rule.replay(first.isoformat(), last.isoformat(), as_known_then)
        return sorted(
            (
                tuple(
                    each[name]
                    for name in (
                        "name",
                        "fired_on",
                        "ended_on",
                        "period_start",
                        "resolution",
                    )
                )
                for each in found["alerts"]
            ),
            key=str,
        )

    def _compare(self, seed, all_values, first, last, *, is_plain=False, **options):
        """Number of alerts of each rule, which are those of its replay."""
        self.reports = self.env["kpi.report"]
        days = self._make_days(random.Random(seed), first, last, is_plain)
        rules = self._make_rules(all_values)
        lived = self._live(rules, days, first, last, **options)
        for name, rule in rules.items():
            with self.subTest(name, seed=seed):
                self.assertEqual(self._replay(rule, first, last, True), lived[name])
                if is_plain:
                    replayed = self._replay(rule, first, last, False)
                    self.assertEqual(replayed, lived[name])
        return {name: len(alerts) for name, alerts in lived.items()}

    def test_as_known_on_each_day(self):
        counts = self._compare(4 if LONG else 6, RULES, *DAYS)
        self.assertTrue(all(counts.values()), counts)

    def test_values_that_come_at_once(self):
        plain = {name: RULES[name] for name in ("trend", "unusual", "missing")}
        counts = self._compare(5 if LONG else 8, plain, *DAYS, is_plain=True)
        self.assertTrue(all(counts.values()), counts)

    def test_chances_of_targets(self):
        days = DAYS[0], date(2025, 2, 20) if LONG else date(2025, 1, 25)
        counts = self._compare(7, RISK, *days, is_daily=True)
        self.assertTrue(all(counts.values()), counts)

    def test_a_day_that_is_not_over_is_tried_as_it_is_now(self):
        kpi = self._entered("Sales", {}, target=100, aggregation_time="sum")
        months = [add_months(date(2025, 3, 1), at) for at in range(12)]
        known = [(kpi, day, 90.0 + 5 * (day.month % 4)) for day in months]
        self._enter([*known, (kpi, date(2026, 3, 1), 5.0)], date(2026, 3, 4))
        rule = self._rule(kpi, alert_type="target_risk", chance_below=100.0)
        with self._at("2026-03-05 00:30:00"):
            self.env["kpi.predictive.analytics"]._analyse(kpi)
            self._evaluate()
            found = rule.replay("2026-03-05", "2026-03-05", True)
        (alert,) = found["alerts"]
        self.assertAlmostEqual(alert["measured"], self._open(rule).measured, places=9)
        self.assertTrue(0 < alert["measured"] < 100)
