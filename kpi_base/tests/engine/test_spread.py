from decimal import Decimal

import numpy as np
import pytest

from ...engine.spread import SpreadError, apportion, season_shares, split

NAN = np.nan


@pytest.mark.parametrize(
    ("last_year", "expected"),
    [
        ([10, 20, 30, 40], [0.1, 0.2, 0.3, 0.4]),
        ([0, 0, 5, 15], [0, 0, 0.25, 0.75]),
        ([10, NAN, 30, 40], [0.25] * 4),  # a gap would give a month no target
        ([0, 0, 0, 0], [0.25] * 4),
        ([10, -5, 30, 40], [0.25] * 4),  # a month of refunds is no season
        ([NAN] * 4, [0.25] * 4),
    ],
)
def test_shares_of_a_season(last_year, expected):
    np.testing.assert_allclose(season_shares([last_year]), [expected])


def test_seasons_of_many():
    found = season_shares([[1, 3], [NAN, 1], [2, 2]])
    np.testing.assert_allclose(found, [[0.25, 0.75], [0.5, 0.5], [0.5, 0.5]])


@pytest.mark.parametrize(
    ("total", "weights", "decimals", "expected"),
    [
        (100, [1, 1, 1], 0, [34, 33, 33]),  # the first among equals
        (100, [1, 1, 1], 2, [33.34, 33.33, 33.33]),
        (10, [1, 2, 3], 0, [2, 3, 5]),  # 1.67 + 3.33 + 5: the first lost most
        (100, [0, 3, 1], 0, [0, 75, 25]),
        (-10, [1, 1, 1], 0, [-3, -3, -4]),  # -3.33 each, down to -4, two come back
        (0.3, [0.1, 0.2], 1, [0.1, 0.2]),  # no binary fraction shows
        (10.5, [1, 1], 0, [5.5, 5]),  # digits beyond the decimals are not lost
        (7, [5], 0, [7]),
        (0, [1, 1], 0, [0, 0]),
    ],
)
def test_parts_add_up(total, weights, decimals, expected):
    parts = split(total, weights, decimals)
    assert parts == pytest.approx(expected)
    assert sum(parts) == pytest.approx(total)


@pytest.mark.parametrize(
    ("weights", "words"),
    [([0, 0], "All weights are 0"), ([], "All weights are 0"), ([2, -1], "below 0")],
)
def test_weights_that_split_nothing_are_refused(weights, words):
    with pytest.raises(SpreadError, match=words):
        split(100, weights, 0)


@pytest.mark.parametrize(
    ("total", "weights", "unit", "expected"),
    [
        ("100.00", [1, 1, 1], "0.01", ["33.34", "33.33", "33.33"]),
        ("-100.00", [1, 1, 1], "0.01", ["-33.34", "-33.33", "-33.33"]),
        ("1001", [1, 1], "1", ["501", "500"]),
        ("-1001", [1, 1], "1", ["-501", "-500"]),
        ("0.05", [0, 3, 1], "0.01", ["0", "0.04", "0.01"]),
        ("1.00", [1, 1, 1], "0.05", ["0.35", "0.35", "0.30"]),  # Swiss coins
    ],
)
def test_exact_parts_add_up_to_the_total(total, weights, unit, expected):
    parts = apportion(
        Decimal(total), [Decimal(weight) for weight in weights], Decimal(unit)
    )
    assert parts == [Decimal(part) for part in expected]
    assert sum(parts) == Decimal(total)


@pytest.mark.parametrize("weights", [[0, 0], [], [2, -1]])
def test_exact_parts_need_weights(weights):
    with pytest.raises(SpreadError):
        apportion(Decimal(1), [Decimal(weight) for weight in weights], Decimal(1))
