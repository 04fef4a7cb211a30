from datetime import date

import numpy as np
import pytest

from ...engine.example import make_example

DAYS = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(36)]


def test_values_lie_around_the_level_and_move():
    values = make_example("sales", 200.0, DAYS)
    assert values.shape == (36,)
    assert abs(values / 200 - 1).max() <= 0.1 + 0.08 + 0.05
    assert np.ptp(values) > 20


def test_the_same_is_invented_again_whatever_is_asked_for_beside_it():
    values = make_example("sales", 200.0, DAYS)
    assert make_example("sales", 200.0, DAYS[7:9]).tolist() == values[7:9].tolist()
    assert make_example("costs", 200.0, DAYS).tolist() != values.tolist()


@pytest.mark.parametrize(
    ("level", "unit", "top"),
    [(96.0, "percent", 100.0), (4.3, "score", 5.0), (-40.0, "currency", 0.0)],
)
def test_no_value_exceeds_what_its_unit_allows(level, unit, top):
    assert make_example("any", level, DAYS, unit).max() < top


def test_a_growth_above_hundred_percent_may_stay_there():
    assert make_example("nrr", 104.0, DAYS, "percent").max() > 104
