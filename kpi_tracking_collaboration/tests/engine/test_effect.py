"""Effects against a second calculation that shares nothing with the first."""

from dataclasses import dataclass
from datetime import date
from itertools import combinations
from statistics import fmean, median

import numpy as np
import pytest

from ...engine.effect import find_sides, measure_effect

NAN = float("nan")


@dataclass(frozen=True)
class Month:
    start: date
    stop: date


def months(count, year=2025):
    days = [date(year + n // 12, n % 12 + 1, 1) for n in range(count + 1)]
    return [Month(*pair) for pair in zip(days, days[1:], strict=False)]


def sides(before, after, gap=0):
    first = before + gap
    return np.arange(before), np.arange(first, first + after)


def effect_of(values, before, gap=0):
    values = np.array(values, float)
    return measure_effect(values, *sides(before, len(values) - before - gap, gap))


def by_hand(values, before, after):
    """The same in loops, by the definitions."""
    known = [(i, values[i]) for i in before if values[i] == values[i]]
    later = [(i, values[i]) for i in after if values[i] == values[i]]
    slope = median((b - a) / (j - i) for (i, a), (j, b) in combinations(known, 2))
    height = median(y - slope * x for x, y in known)
    change = fmean(y - (height + slope * x) for x, y in later)
    n, m = len(known), len(later)
    middle = fmean(x for x, _y in known)
    variance = sum((y - height - slope * x) ** 2 for x, y in known) / (n - 2)
    away = fmean(x for x, _y in later) - middle
    spread = sum((x - middle) ** 2 for x, _y in known)
    t = {4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228}[n - 2]
    half = t * (variance * (1 / m + 1 / n + away**2 / spread)) ** 0.5
    return change, change - half, change + half


@pytest.mark.parametrize("slope", [-3.0, 0.0, 0.1, 5.0])
def test_a_pure_slope_has_no_effect(slope):
    effect = effect_of([100 + slope * month for month in range(18)], 12)
    assert effect.change == pytest.approx(0, abs=1e-9)
    assert effect.low == pytest.approx(0, abs=1e-9)
    assert effect.high == pytest.approx(0, abs=1e-9)
    assert effect.is_chance


def test_a_slope_with_noise_has_none_within_the_limits():
    noise = [1, -2, 2, -1, 0, 1, -1, 2, -2, 1, 0, -1, 1, -1, 0, 2, -2, 1]
    effect = effect_of([5 * month + noise[month] for month in range(18)], 12)
    assert effect.low < 0 < effect.high
    assert effect.is_chance


@pytest.mark.parametrize("slope", [-3.0, 0.0, 5.0])
def test_a_step_of_ten_is_ten(slope):
    step = [0] * 12 + [10] * 6
    effect = effect_of([slope * month + step[month] for month in range(18)], 12)
    assert effect.change == pytest.approx(10)
    assert not effect.is_chance
    assert (effect.before, effect.after) == (12, 6)


def test_a_step_is_found_through_a_month_between():
    assert effect_of([5] * 8 + [99] + [15] * 4, 8, gap=1).change == pytest.approx(10)


def test_one_wrong_value_before_does_not_turn_the_line():
    values = [float(month) for month in range(12)] + [22.0, 23.0, 24.0, 25.0]
    values[3] = 500.0
    assert effect_of(values, 12).change == pytest.approx(10)


@pytest.mark.parametrize("seed", range(20))
def test_as_calculated_by_hand(seed):
    rng = np.random.default_rng(seed)
    before, after = int(rng.integers(6, 13)), int(rng.integers(3, 13))
    gap = int(rng.integers(0, 2))
    values = rng.normal(50, 10, before + gap + after)
    index = sides(before, after, gap)
    if before > 7:
        values[2] = NAN
    effect = measure_effect(values, *index)
    expected = by_hand(values.tolist(), *index)
    assert (effect.change, effect.low, effect.high) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("before", "after", "is_known"),
    [(5, 9, False), (9, 2, False), (6, 3, True), (6, 2, False), (0, 0, False)],
)
def test_of_few_periods_nothing_is_said(before, after, is_known):
    effect = effect_of(list(range(before + after)), before)
    assert effect.is_known is is_known
    assert (effect.before, effect.after) == (before, after)


def test_periods_without_a_value_do_not_count():
    effect = effect_of([1, 2, NAN, 4, 5, 6, 7, NAN, 9], 6)
    assert (effect.before, effect.after) == (5, 2)
    assert not effect.is_known


@pytest.mark.parametrize(("before", "after"), [(6, 3), (12, 6)])
def test_the_limits_hold_what_they_promise(before, after):
    """Of 1,000 random courses without an effect about 95% have 0 within."""
    rng = np.random.default_rng(7)
    courses = rng.normal(0, 1, (1000, before + after))
    index = sides(before, after)
    held = np.mean([measure_effect(course, *index).is_chance for course in courses])
    assert 0.92 < held < 0.98


def test_the_month_of_the_action_counts_on_neither_side():
    periods = months(20)
    before, after = find_sides(
        periods, np.zeros(20, bool), date(2026, 2, 10), date(2026, 6, 15)
    )
    assert before.tolist() == list(range(1, 13))  # the twelve up to January
    assert after.tolist() == [14, 15, 16]  # March to May: June runs


def test_a_month_that_begins_with_the_action_comes_after_it():
    before, after = find_sides(
        months(20), np.zeros(20, bool), date(2026, 2, 1), date(2026, 6, 1)
    )
    assert (before[-1], after[0]) == (12, 13)


def test_values_of_another_way_of_computing_are_left_out():
    seams = np.zeros(20, bool)
    seams[[4, 16]] = True
    before, after = find_sides(months(20), seams, date(2026, 2, 1), date(2026, 9, 1))
    assert before.tolist() == list(range(4, 13))
    assert after.tolist() == [13, 14, 15]
