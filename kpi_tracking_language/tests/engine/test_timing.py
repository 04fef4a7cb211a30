from datetime import date, timedelta

import numpy as np
import pytest

from ...engine.timing import KINDS, LIMIT, find_patterns

DAYS = [date(2024, 1, 1) + timedelta(days=at) for at in range(365)]
MONTHS = [date(2020 + at // 12, at % 12 + 1, 1) for at in range(48)]
WEEKS = [date(2023, 1, 2) + timedelta(weeks=at) for at in range(156)]
NOISE = np.random.default_rng(5)


def noise(count):
    return NOISE.normal(size=count)


def dependent(count):
    values = noise(count)
    for at in range(1, count):
        values[at] += 0.8 * values[at - 1]
    return values


OTHERS = {
    "noise": noise,
    "dependent": dependent,
    "walk": lambda count: noise(count).cumsum(),
    "trend": lambda count: noise(count) + 0.2 * np.arange(count),
    "skewed": lambda count: np.exp(noise(count)),
}


@pytest.mark.parametrize(
    ("grain", "starts"), [("day", DAYS), ("week", WEEKS), ("month", MONTHS)]
)
@pytest.mark.parametrize("kind", OTHERS)
def test_chance_is_no_pattern(grain, starts, kind):
    found = [
        bool(find_patterns(grain, starts, OTHERS[kind](len(starts)))) for _ in range(15)
    ]
    assert sum(found) <= 3


def test_a_weekday_is_found_beside_trend_gaps_and_free_weekends():
    values = noise(365) + 0.05 * np.arange(365)
    values += [3.0 * (day.weekday() == 0) for day in DAYS]
    values[[day.weekday() > 4 for day in DAYS]] = np.nan
    values[100:110] = np.nan
    values[5] = 400.0  # somebody worked on a Saturday
    (found,) = find_patterns("day", DAYS, values)
    assert found.kind == "weekday"
    assert sorted(found.effects) == [0, 1, 2, 3, 4]
    assert max(found.effects, key=found.effects.get) == 0
    assert found.effects[0] == pytest.approx(3.0 * 4 / 5, abs=0.4)
    assert found.chance < 0.01


def test_the_end_of_the_month_and_a_month_are_found():
    values = noise(365) + [3.0 * (day.day >= 22) for day in DAYS]
    (found,) = find_patterns("day", DAYS, values)
    assert (found.kind, max(found.effects, key=found.effects.get)) == (
        "week_of_month",
        3,
    )
    values = noise(48) - [6.0 * (day.month == 8) for day in MONTHS]
    (found,) = find_patterns("month", MONTHS, values)
    assert (found.kind, min(found.effects, key=found.effects.get)) == ("month", 7)
    assert found.blocks == 4


def test_of_several_patterns_the_surest_has_the_lowest_limit(monkeypatch):
    rng = np.random.default_rng(7)
    values = rng.normal(size=365)
    values += [0.45 * (day.weekday() == 0) + 3.0 * (day.day >= 22) for day in DAYS]
    both = {each.kind: each.chance for each in find_patterns("day", DAYS, values)}
    alone = {}
    for kind in ("weekday", "week_of_month"):
        monkeypatch.setitem(KINDS, "day", {kind: 7 if kind == "weekday" else 4})
        (found,) = find_patterns("day", DAYS, values)
        alone[kind] = found.chance
    # Holm: of two that were tried the surer one counts double
    assert alone["week_of_month"] < alone["weekday"] < LIMIT
    assert both == {
        "week_of_month": 2 * alone["week_of_month"],
        "weekday": alone["weekday"],
    }


def test_what_is_sure_enough_alone_is_not_among_several(monkeypatch):
    values = np.random.default_rng(163).normal(size=365)
    assert find_patterns("day", DAYS, values) == []
    monkeypatch.setitem(KINDS, "day", {"weekday": 7})
    (found,) = find_patterns("day", DAYS, values)
    assert LIMIT / 2 < found.chance <= LIMIT


@pytest.mark.parametrize("count", [0, 1, 12, 30])
def test_too_little_is_no_pattern(count):
    assert find_patterns("month", MONTHS[:count], np.arange(count, dtype=float)) == []
    assert find_patterns("quarter", MONTHS[:count], np.zeros(count)) == []
    assert find_patterns("month", MONTHS, np.full(48, np.nan)) == []
    assert find_patterns("month", MONTHS, np.full(48, 7.0)) == []
