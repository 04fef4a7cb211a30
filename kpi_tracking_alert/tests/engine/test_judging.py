"""Conditions of rules, against plain Python that looks at one pair at a time."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ...engine.judging import (
    BETWEEN,
    BREACH,
    CLEAR,
    COMPARED,
    CONDITIONS,
    NUMBERS,
    UNKNOWN,
    Conditions,
    LatestValues,
    fill_matrices,
    grade,
    judge,
    pick,
)
from .plain_judging import plain_verdict

NAN = math.nan
COLUMNS = 6


def make_conditions(*rules):
    """Conditions of rules given as dicts; what they leave out is as in a new rule."""
    defaults = {
        "compared": "value",
        "condition": "below",
        "threshold": 0.0,
        "threshold_high": NAN,
        "clear": NAN,
        "clear_high": NAN,
        "periods": 1,
        "recent": 1,
        "least_weight": NAN,
        "has_running": False,
    }
    full = [{**defaults, **rule} for rule in rules]
    arrays = {name: np.array([rule[name] for rule in full]) for name in defaults}
    arrays["compared"] = np.array([COMPARED.index(rule["compared"]) for rule in full])
    arrays["condition"] = np.array(
        [CONDITIONS.index(rule["condition"]) for rule in full]
    )
    return Conditions(**arrays)


def values_of(values, **others):
    """``LatestValues`` of one KPI; what is left out is not known."""
    width = len(values)
    numbers = {name: np.full((1, width), NAN) for name in NUMBERS}
    numbers["value"] = np.array([values], float)
    last_year = np.array([others.pop("last_year", [NAN] * width)], float)
    for name, row in others.items():
        numbers[name] = np.array([row], float)
    return LatestValues(numbers, last_year)


def judge_one(rule, latest, direction="higher", elapsed=1.0):
    """Grades and verdict of one rule and one KPI that adds up."""
    rules = make_conditions(rule)
    compared = latest.compare([direction], np.full((2, 1), elapsed), np.array([True]))
    rows = np.array([0])
    measured = pick(compared, rows, rules)
    grades = grade(measured, latest.numbers["weight"][rows], rules)
    return grades[0].tolist(), judge(grades, rules, np.array([grades.shape[1]]))


# column 0 is the running period, which these rules leave alone
CASES = [
    ({"threshold": 85}, [NAN, 80], BREACH, True),
    ({"threshold": 85}, [NAN, 85], CLEAR, False),  # at it is not below it
    ({"threshold": 85, "clear": 90}, [NAN, 87], BETWEEN, False),
    ({"threshold": 85, "clear": 90}, [NAN, 90], CLEAR, False),
    ({"threshold": 5, "condition": "above"}, [NAN, 6], BREACH, True),
    ({"threshold": 5, "condition": "above", "clear": 3}, [NAN, 4], BETWEEN, False),
    ({"threshold": 1, "threshold_high": 3, "condition": "outside"}, [0, 4], 3, True),
    ({"threshold": 1, "threshold_high": 3, "condition": "outside"}, [0, 2], 1, False),
    ({"threshold": 0.3, "condition": "above"}, [NAN, 0.1 + 0.2], CLEAR, False),
    ({"threshold": 85, "periods": 3}, [NAN, 80, 80, 80], BREACH, True),
    ({"threshold": 85, "periods": 3}, [NAN, 80, NAN, 80, 80], BREACH, False),
    ({"threshold": 85}, [NAN, NAN, 80], BREACH, False),  # no longer news
    ({"threshold": 85, "recent": 2}, [NAN, NAN, 80], BREACH, True),
    ({"threshold": 85}, [80, 90], CLEAR, False),  # the running one is not judged
    ({"threshold": -10, "compared": "previous"}, [NAN, 80, 100], BREACH, True),
    ({"threshold": -10, "compared": "previous"}, [NAN, 90, 100], CLEAR, False),
    ({"threshold": -10, "compared": "previous"}, [NAN, 90, 0], UNKNOWN, False),
    ({"threshold": -10, "compared": "previous"}, [NAN, -12, -10], BREACH, True),
]


@pytest.mark.parametrize(("rule", "values", "expected", "fires"), CASES)
def test_a_rule_and_the_values_of_a_kpi(rule, values, expected, fires):
    grades, verdict = judge_one(rule, values_of(values))
    at = verdict.column[0]
    assert (grades[at] if at >= 0 else UNKNOWN) == expected
    assert verdict.fires[0] == fires


@pytest.mark.parametrize(
    ("rule", "numbers", "expected"),
    [
        ({"compared": "target", "threshold": 0.9}, {"target": [NAN, 100]}, BREACH),
        ({"compared": "target", "threshold": 0.9}, {"target": [NAN, 0]}, UNKNOWN),
        ({"compared": "target", "threshold": 0.9}, {"target": [NAN, -9]}, UNKNOWN),
        ({"compared": "target", "threshold": 0.9}, {}, UNKNOWN),
        ({"compared": "baseline", "threshold": 0}, {"baseline": [NAN, 90]}, BREACH),
        ({"compared": "baseline", "threshold": 0}, {"baseline": [NAN, 0]}, UNKNOWN),
        ({"compared": "last_year", "threshold": 0}, {"last_year": [NAN, 90]}, BREACH),
        ({"compared": "achievement", "threshold": 90}, {"target": [0, 100]}, BREACH),
        ({"threshold": 90, "least_weight": 5}, {"weight": [NAN, 4]}, UNKNOWN),
        ({"threshold": 90, "least_weight": 5}, {"weight": [NAN, 5]}, BREACH),
        ({"threshold": 90, "least_weight": 5}, {}, BREACH),  # has no weight
    ],
)
def test_what_is_compared_with(rule, numbers, expected):
    grades, _verdict = judge_one(rule, values_of([NAN, 80], **numbers))
    assert grades[1] == expected


def test_a_running_period_has_the_target_of_its_days():
    rule = {"compared": "achievement", "threshold": 90, "has_running": True}
    latest = values_of([30, NAN], target=[100, NAN])
    _grades, verdict = judge_one(rule, latest, elapsed=0.25)
    assert not verdict.fires[0]  # 30 of 25
    _grades, verdict = judge_one(rule, latest, elapsed=0.5)
    assert verdict.fires[0]


def test_no_number_is_too_large():
    for big, small in product((1e308, -1e308, 1e-308, 0.0), repeat=2):
        for name in COMPARED:
            latest = values_of([NAN, big, small], target=[NAN, small, 1])
            grades, _verdict = judge_one({"compared": name}, latest)
            assert set(grades) <= {UNKNOWN, CLEAR, BETWEEN, BREACH}


def test_matrices_of_rows_that_were_read():
    rows = [
        (1, 2, 0, 7.0, None, 10.0, None, None, None),
        (0, 1, 1, 5.0, None, None, None, None, None),
    ]
    latest = fill_matrices(rows, (2, 3))
    assert latest.numbers["value"][1].tolist()[2] == 7
    assert latest.numbers["target"][1, 2] == 10
    assert latest.last_year[0, 1] == 5
    assert np.isnan(latest.numbers["value"][0]).all()


few = st.sampled_from([NAN, -20.0, 0.0, 5.0, 10.0, 12.0, 20.0, 1e200])
levels = st.sampled_from([-10.0, 0.0, 0.9, 8.0, 10.0, 50.0])
rows = st.lists(few, min_size=COLUMNS, max_size=COLUMNS)


@st.composite
def random_rules(draw):
    low = draw(levels)
    condition = draw(st.sampled_from(CONDITIONS))
    high = low + draw(st.sampled_from([1.0, 10.0]))
    clear = clear_high = NAN
    if draw(st.booleans()):
        step = draw(st.sampled_from([0.0, 0.5]))
        clear = low - step if condition == "above" else low + step
        clear_high = high - step if condition == "outside" else NAN
    return {
        "compared": draw(st.sampled_from(COMPARED)),
        "condition": condition,
        "threshold": low,
        "threshold_high": high if condition == "outside" else NAN,
        "clear": clear,
        "clear_high": clear_high,
        "periods": draw(st.integers(1, 3)),
        "recent": draw(st.integers(1, 3)),
        "least_weight": draw(st.sampled_from([NAN, 3.0])),
        "has_running": draw(st.booleans()),
    }


@settings(max_examples=100, deadline=None)
@given(
    st.lists(random_rules(), min_size=1, max_size=3),
    st.fixed_dictionaries({name: rows for name in (*NUMBERS, "last_year")}),
    st.integers(1, COLUMNS),
    st.sampled_from(["higher", "lower"]),
)
def test_all_conditions_as_plain_python_has_them(rules, numbers, look, direction):
    latest = LatestValues(
        {name: np.array([numbers[name]]) for name in NUMBERS},
        np.array([numbers["last_year"]]),
    )
    conditions = make_conditions(*rules)
    compared = latest.compare([direction], np.full((2, 1), 0.5), np.array([False]))
    at = np.zeros(len(rules), int)
    measured = pick(compared, at, conditions)
    grades = grade(measured, latest.numbers["weight"][at], conditions)
    verdict = judge(grades, conditions, np.full(len(rules), look))
    for place, rule in enumerate(rules):
        expected = plain_verdict(rule, numbers, look, direction)
        found = (
            int(verdict.column[place]),
            int(verdict.grade[place]),
            int(verdict.run[place]),
            bool(verdict.fires[place]),
        )
        assert found == expected
