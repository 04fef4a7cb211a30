import sys

import numpy as np
import pytest

from ...engine.levers import LEAST, LeverError
from ...engine.needs import METHODS, find_needs
from .test_levers import driven


def test_the_need_is_the_effect_that_the_data_were_made_with():
    values, levers = driven()
    # 10 more of the KPI take 5 more of the first lever; the second cannot do it
    levers[0, -1] = 50.0
    method, (first, second) = find_needs(values, levers, [0, 0], 12, 10.0)
    assert method == "linear_regression"
    low, high = first.levels
    assert 53 < low <= high < 58
    assert second.levels is None
    # nothing beyond what was seen
    _method, (beyond, _) = find_needs(values, levers, [0, 0], 12, 500.0)
    assert beyond.levels is None
    assert beyond.most < 100


def test_less_of_a_kpi_takes_less_of_what_raises_it():
    values, levers = driven()
    levers[0, -1] = 50.0
    _method, (need, _) = find_needs(values, levers, [0, 0], 12, -10.0)
    assert 42 < need.levels[0] <= need.levels[1] < 47


def test_a_lever_that_comes_before_the_kpi_is_compared_with_what_follows():
    values, levers = driven()
    early = np.roll(levers[:1], -2, axis=1)
    early[0, -3] = 50.0
    _method, (need,) = find_needs(values, early, [2], 12, 10.0)
    assert 53 < need.levels[0] <= need.levels[1] < 58
    _method, (need,) = find_needs(values, early, [0], 12, 10.0)
    assert need.levels is None


def test_the_model_is_the_one_that_errs_least_in_what_it_has_not_seen():
    rng = np.random.default_rng(4)
    lever = rng.uniform(-3, 3, 150)
    values = 100 + 8 * np.abs(lever) + rng.normal(0, 0.5, 150)
    method, _needs = find_needs(values, lever[None], [0], 12, 5.0)
    assert method in METHODS[1:], "no straight line"


def test_the_shortest_history_that_is_judged_is_enough_with_a_lag():
    values, levers = driven(LEAST)
    find_needs(values, levers, [4, 0], 12, 1.0)
    with pytest.raises(LeverError, match="short"):
        find_needs(values[1:], levers[:, 1:], [4, 0], 12, 1.0)


def test_without_scikit_learn_it_says_so(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("sklearn")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match="sklearn"):
        find_needs(*driven(), [0, 0], 12, 1.0)
