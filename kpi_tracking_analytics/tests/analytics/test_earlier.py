"""What earlier days would have said is what an analysis of each day says."""

import os
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from odoo.addons.kpi_base.engine.periods import CalendarSpec, periods_between
from odoo.addons.kpi_tracking.engine.series import Series
from odoo.addons.kpi_tracking.engine.targets import Targets

from ...analytics.earlier import (
    Earlier,
    list_chances,
    list_courses,
    list_events_then,
)
from ...analytics.events import Effect
from ...analytics.forecast import NumberKind
from ...analytics.judged import Question, analyse

NAN = np.nan
LONG = "KPI_LONG" in os.environ
KPIS = 100 if LONG else 50
HORIZON = 3
FIRST, UNTIL = date(2022, 1, 1), date(2025, 6, 3)
SINCE = date(2024, 8, 15) if LONG else date(2025, 3, 15)
DAY = timedelta(days=1)


def make_history(seed):
    """Periods, and when which value of ``KPIS`` random KPIs became known."""
    rng = np.random.default_rng(seed)
    last = date(2025, 12, 31)
    periods = periods_between(CalendarSpec(), "month", FIRST, last)
    count = sum(period.stop <= UNTIL for period in periods)
    kind = rng.integers(0, 5, (KPIS, 1))
    level = rng.choice([5.0, 100.0], (KPIS, 1))
    place = np.arange(count)
    values = level * (1 + 0.05 * rng.normal(size=(KPIS, count)))
    values += level * np.where(kind == 1, -0.02 * place, 0)
    values += level * np.where(kind == 2, 0.2 * np.sin(place * np.pi / 6), 0)
    values *= np.where(rng.random((KPIS, count)) < 0.03, 2, 1)
    begun = rng.integers(0, count, (KPIS, 1))
    values = np.where((kind == 3) & (place < begun), 0, values)
    values = np.where((kind == 4) & (place > begun), 1.4 * values, values)
    values[rng.random((KPIS, count)) < 0.04] = NAN
    changes = defaultdict(list)
    for row, column in np.argwhere(~np.isnan(values)).tolist():
        closed, value = periods[column].stop, values[row, column]
        late = int(rng.choice([0, 0, 0, 4]))
        changes[closed + late * DAY].append((row, column, value))
        if rng.random() < 0.03:
            other = NAN if rng.random() < 0.3 else value * rng.choice([0.5, 1.01, 2])
            day = closed + int(rng.integers(5, 200)) * DAY
            changes[day].append((row, column, other))
        if rng.random() < 0.2:
            changes[closed - 9 * DAY].append((row, column, 0.6 * value))
    shape = (KPIS, len(periods))
    targets = Targets.empty(*shape)
    targets.target[:] = level
    targets.low[:], targets.high[:] = 0.9 * level, 1.1 * level
    series = Series(
        list(range(1, KPIS + 1)),
        periods,
        np.full(shape, NAN),
        np.full(shape, NAN),
        targets,
        np.ones(len(periods)),
        np.ones((2, *shape)),
        np.where(rng.random(shape) < 0.01, "new", ""),
        is_cumulative=np.zeros(KPIS, bool),
        statuses=np.full(shape, "no_target", object),
    )
    question = Question(
        grain="month",
        today=UNTIL,
        method="automatic",
        season_length=12,
        horizon=HORIZON,
        directions=rng.choice(["higher", "lower", "range"], KPIS),
        is_additive=rng.random(KPIS) < 0.5,
        kinds=np.full(KPIS, NumberKind.BY_HISTORY),
        elapsed=np.zeros(KPIS),
        days_left=np.ones(KPIS),
        dismissed=[(row, date(2024, 10, 1)) for row in range(1, KPIS, 3)],
        effects=[Effect(2, "one_off", date(2024, 11, 1), date(2024, 11, 30))],
    )
    return series, question, changes


def find_window(day):
    return FIRST, day + timedelta(days=100)


def list_steps(series, changes):
    """Days on which something happens, and the rows that it happens to."""
    steps = {SINCE: set(range(KPIS))}
    for period in series.periods:
        if SINCE < period.stop <= UNTIL:
            steps[period.stop] = set(range(KPIS))
    for day, known in changes.items():
        if SINCE < day <= UNTIL:
            steps.setdefault(day, set()).update(row for row, _column, _value in known)
    return steps


def analyse_day(history, day, elapsed):
    """The analysis of a day, by what was known then."""
    series, question, changes = history
    values = series.values.copy()
    for each in sorted(changes):
        for row, column, value in changes[each]:
            if each <= day:
                values[row, column] = value
    shown = sum(period.start <= find_window(day)[1] for period in series.periods)
    cut = slice(0, shown)
    return analyse(
        replace(
            series,
            periods=series.periods[cut],
            values=values[:, cut],
            weights=series.weights[:, cut],
            targets=Targets(*(column[:, cut] for column in series.targets.columns)),
            seams=series.seams[:, cut],
            statuses=series.statuses[:, cut],
        ),
        replace(question, today=day, elapsed=elapsed),
    )


@pytest.mark.parametrize("seed", [1, 2, 3] if LONG else [1])
def test_earlier_days_say_what_their_analyses_said(seed):
    history = make_history(seed)
    series, question, changes = history
    steps = list_steps(series, changes)
    elapsed = {day: np.full(KPIS, day.day / 31) for day in steps}

    def see(kind, *arguments):
        return dict(kind(Earlier(*history, find_window), steps, *arguments))

    courses, chances = see(list_courses), see(list_chances, elapsed.get)
    events = see(list_events_then)
    assert set(courses) == set(chances) == set(events) == set(steps)
    fired = [0, 0, 0]
    for day in sorted(steps)[::6]:
        found = analyse_day(history, day, elapsed[day])
        for row in steps[day]:
            course = courses[day][row]
            assert course.course == found.summary.course[row]
            assert course.known_count == found.known_count[row]
            np.testing.assert_allclose(
                course.change, found.summary.change_periods[row], rtol=1e-9
            )
            chance = chances[day][row]
            assert chance.period == found.coming[0]
            assert chance.label == found.forecast.labels[row]
            np.testing.assert_allclose(
                [chance.expected, chance.probability],
                [found.outlook.mean[row, 0], found.outlook.probabilities[row, 0]],
                rtol=1e-6,
                atol=1e-9,
            )
            told = [
                (each.kind, periods[each.start], periods[each.stop - 1], each.value)
                for each, periods in events[day][row]
            ]
            assert told == [
                (
                    each.kind,
                    found.past_periods[each.start],
                    found.past_periods[each.stop - 1],
                    each.value,
                )
                for each in found.events
                if each.row == row
            ]
            fired[0] += course.course == -1
            fired[1] += chance.probability < 0.5
            fired[2] += len(told)
    assert min(fired) > (30 if LONG else 5), fired
