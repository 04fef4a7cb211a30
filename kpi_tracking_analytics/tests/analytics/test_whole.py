from dataclasses import replace

import numpy as np
import pytest

from ...analytics.forecast import forecast
from ...analytics.whole import Level, make_add_up, reconcile

NAN = np.nan
SEASON = 12
# Rows: company, north, south, ann and bob in north.
LEVELS = [
    Level(np.array([1, 2]), np.array([0, 0])),
    Level(np.array([3, 4]), np.array([1, 1])),
]


def make_family(own=0.0):
    """Five years of months that add up, and forecasts of each row alone.

    :param own: what the company has beside its departments in each month
    """
    rng = np.random.default_rng(3)
    season = 20 * np.sin(np.arange(60) * np.pi / 6)
    ann, bob, south = (
        level + season * rng.uniform(0.2, 1) + rng.normal(0, 6, 60)
        for level in (60, 90, 140)
    )
    north = ann + bob
    past = np.array([north + south + own, north, south, ann, bob])
    return past, forecast(past, horizon=4, season_length=SEASON)


def test_parts_make_their_parent_where_it_has_nothing_else():
    past, alone = make_family()
    assert np.abs(alone.mean[0] - alone.mean[1] - alone.mean[2]).max() > 0.1
    mean = make_add_up(alone, past, LEVELS, SEASON).mean
    np.testing.assert_allclose(mean[1] + mean[2], mean[0], rtol=1e-12)
    np.testing.assert_allclose(mean[3] + mean[4], mean[1], rtol=1e-12)


@pytest.mark.parametrize("scale", [1.0, 1e298])
@pytest.mark.parametrize(
    ("parts", "share", "is_fixed", "parent", "moved"),
    [
        # lack 20 of 100 with sizes 100, 60, 20: 20/180 of each
        ([60, 20], 0, False, 100 - 100 / 9, [60 + 60 / 9, 20 + 20 / 9]),
        ([60, 20], 0, True, 100, [75, 25]),
        ([70, 20], 0.1, False, 100, [70, 20]),  # what already adds up stays
        ([0, 0], 0, True, 100, [0, 0]),  # nothing can give way
    ],
)
def test_parts_and_parent_give_way_by_their_sizes(
    parts, share, is_fixed, parent, moved, scale
):
    found = reconcile(
        np.array([[100.0]]) * scale,
        np.array(parts, float)[:, None] * scale,
        np.array([[share]]),
        np.array([0, 0]),
        np.array([[is_fixed]]),
    )
    np.testing.assert_allclose(found[0] / scale, [[parent]])
    np.testing.assert_allclose(found[1][:, 0] / scale, moved)


def test_each_parent_has_its_own_parts():
    parents = np.array([[10.0, 20.0], [5.0, 5.0]])
    parts = np.array([[4.0, 9.0], [5.0, 6.0], [6.0, 10.0]])
    none, free = np.zeros((2, 1)), np.zeros((2, 1), bool)
    together = reconcile(parents, parts, none, np.array([0, 1, 0]), free)
    first = reconcile(parents[:1], parts[[0, 2]], none[:1], np.array([0, 0]), free[:1])
    np.testing.assert_allclose(together[1][[0, 2]], first[1])
    np.testing.assert_allclose(together[0][:1], first[0])
    np.testing.assert_allclose(together[1][1], together[0][1])


def test_what_is_beside_the_parts_keeps_about_its_share():
    past, alone = make_family(own=50.0)
    mean = make_add_up(alone, past, LEVELS, SEASON).mean
    share = 50 * SEASON / past[0, -SEASON:].sum()
    np.testing.assert_allclose((mean[0] - mean[1] - mean[2]) / mean[0], share, 0.01)


def test_limits_move_with_the_forecast():
    past, alone = make_family()
    moved = make_add_up(alone, past, LEVELS, SEASON)
    factor = moved.mean / alone.mean
    for name in ("low_80", "high_80", "low_95", "high_95"):
        np.testing.assert_allclose(
            getattr(moved, name), getattr(alone, name) * factor, err_msg=name
        )
    np.testing.assert_allclose(moved.errors.scale, alone.errors.scale * factor)


@pytest.mark.parametrize(
    ("row", "left"),
    # north may still give way to ann and bob
    [(0, [0, 2]), (1, [0, 1, 2, 3, 4]), (2, [0, 2]), (3, [3, 4]), (4, [3, 4])],
)
def test_a_family_with_negative_numbers_is_left_as_it_is(row, left):
    past, alone = make_family()
    past[row, -2] = -1.0
    mean = make_add_up(alone, past, LEVELS, SEASON).mean
    np.testing.assert_array_equal(mean[left], alone.mean[left])


def test_parts_with_more_than_the_whole_are_left_as_they_are():
    past, alone = make_family()
    past[0] /= 2  # a record counts for two departments
    mean = make_add_up(alone, past, LEVELS, SEASON).mean
    np.testing.assert_array_equal(mean[[0, 2]], alone.mean[[0, 2]])
    np.testing.assert_allclose(mean[3] + mean[4], mean[1], rtol=1e-12)


def test_a_part_without_a_forecast_leaves_its_family():
    past, alone = make_family()
    mean = alone.mean.copy()
    mean[2] = NAN
    alone = replace(alone, mean=mean)
    found = make_add_up(alone, past, LEVELS, SEASON).mean
    np.testing.assert_array_equal(found[[0, 2]], alone.mean[[0, 2]])


def test_rows_of_other_kpis_stay():
    past, alone = make_family()
    mean = make_add_up(alone, past, LEVELS[1:], SEASON).mean
    np.testing.assert_array_equal(mean[[0, 2]], alone.mean[[0, 2]])
    mean = make_add_up(alone, past, [], SEASON).mean
    np.testing.assert_array_equal(mean, alone.mean)


def test_nothing_at_all_stays_nothing():
    past = np.zeros((3, 30))
    alone = forecast(past, horizon=2, season_length=SEASON)
    level = Level(np.array([1, 2]), np.array([0, 0]))
    found = make_add_up(alone, past, [level], SEASON)
    np.testing.assert_array_equal(found.mean, np.zeros((3, 2)))
