import numpy as np
import pytest

from ...analytics.reliability import (
    are_apart,
    brier_score,
    find_bottleneck,
    reliability,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("told", "is_true", "score"),
    [
        ([1.0, 0.0], [True, False], 0.0),
        ([0.5, 0.5], [True, False], 0.25),
        ([0.0, 1.0], [True, False], 1.0),
        # (0.1² + 0.8² + 0.4²) / 3
        ([0.9, 0.8, 0.6], [True, False, True], 0.27),
    ],
)
def test_brier_score(told, is_true, score):
    assert brier_score(np.array(told), np.array(is_true)) == pytest.approx(score)


def test_a_score_of_nothing_is_refused():
    with pytest.raises(ValueError, match="case"):
        brier_score(np.array([]), np.array([]))


def test_bands_count_what_was_told_and_what_came():
    told = np.array([0.3, 0.3, 0.39, 0.7, 1.0, 1.0])
    bands = reliability(told, np.array([True, False, False, True, True, False]))
    assert [(band.low, band.high, band.count) for band in bands] == [
        (0.3, 0.4, 3),
        (0.7, 0.8, 1),
        (0.9, 1.0, 2),
    ]
    assert bands[0].predicted == pytest.approx(0.33)
    assert bands[0].observed == pytest.approx(1 / 3)
    assert reliability(np.array([]), np.array([])) == []


@pytest.mark.parametrize(
    ("successes", "count", "interval"),
    [  # Newcombe 1998 (Statistics in Medicine 17, 857–872), table I
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0000, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_intervals_are_the_published_ones(successes, count, interval):
    assert wilson_interval(successes, count) == pytest.approx(interval, abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0.1, 0.2), (0.3, 0.4), True),
        ((0.3, 0.4), (0.1, 0.2), True),
        ((0.1, 0.3), (0.2, 0.4), False),
        ((0.1, 0.2), (0.2, 0.3), False),  # they share their end
        ((0.1, 0.9), (0.2, 0.3), False),
    ],
)
def test_intervals_are_apart_where_they_share_nothing(one, other, expected):
    assert are_apart(one, other) is expected


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ({"a": (0.5, 0.6), "b": (0.1, 0.2), "c": (0.3, 0.9)}, "b"),
        # the second lowest is clearly above, a third of few records is not
        ({"a": (0.5, 0.6), "b": (0.1, 0.3), "c": (0.2, 0.9)}, None),
        ({"a": (0.1, 0.2)}, None),
        ({}, None),
    ],
)
def test_a_bottleneck_lies_below_all_others(rates, expected):
    assert find_bottleneck(rates) == expected
