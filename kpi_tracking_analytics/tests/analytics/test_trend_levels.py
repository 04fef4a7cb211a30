"""Seasons and levels: planted ones are found, known ones taken out."""

import numpy as np
import pytest

from ...analytics.trend import (
    find_season,
    find_shifts,
    level_seams,
    levels,
    measure_limits,
    remove_season,
)
from .awkward import MATRIX, ROWS, SEAMS

NAN = np.nan
# Annual flow of the Nile at Aswan in 10⁸ m³, 1871 to 1970 (Cobb 1978, Biometrika 65,
# 243–251); since 1899, when the first dam was begun, it is lower.
NILE = np.array(
    """
    1120 1160 963 1210 1160 1160 813 1230 1370 1140 995 935 1110 994 1020 960 1180 799
    958 1140 1100 1210 1150 1250 1260 1220 1030 1100 774 840 874 694 940 833 701 916 692
    1020 1050 969 831 726 456 824 702 1120 1100 832 764 821 768 845 864 862 698 845 744
    796 1040 759 781 865 845 944 984 897 822 1010 771 676 649 846 812 742 801 1040 860
    874 848 890 744 749 838 1050 918 986 797 923 975 815 1020 906 901 1170 912 746 919
    718 714 740
    """.split(),
    float,
)
RNG = np.random.default_rng(11)
START = RNG.bit_generator.state


@pytest.fixture(autouse=True)
def _same_numbers():
    """Each test draws the same numbers, whichever ran before."""
    RNG.bit_generator.state = START


pytestmark = pytest.mark.filterwarnings("error")


def test_the_nile_changed_after_1898():
    assert NILE.mean() == 919.35
    shifts = find_shifts(NILE[None])
    assert (1871 + np.flatnonzero(shifts.is_start[0])).tolist() == [1899]
    before, after = np.median(NILE[:28]), np.median(NILE[28:])
    assert shifts.sizes[0, 28] == after - before
    assert shifts.p_values[0, 28] < 1e-6


def _pettitt(row):
    """Largest score over all splits, and where, by the definition."""
    scores = [
        sum(np.sign(late - early) for early in row[:split] for late in row[split:])
        for split in range(1, len(row))
    ]
    best = int(np.argmax(np.abs(scores)))
    return best + 1, abs(scores[best])


def test_the_first_shift_is_where_the_score_is_largest(monkeypatch):
    monkeypatch.setattr(levels, "CHANCE", 1.0)
    monkeypatch.setattr(levels, "LEAST_RUN", 1)
    rows = RNG.integers(0, 6, (20, 30)).astype(float)
    rows[:, 17:] += 6
    shifts = find_shifts(rows)
    for row, p_values in zip(rows, shifts.p_values, strict=True):
        split, score = _pettitt(row)
        assert p_values[split] == pytest.approx(
            min(1, 2 * np.exp(-6 * score**2 / (30**3 + 30**2)))
        )


def test_shifts_up_and_down_are_all_found():
    levels = np.repeat([10.0, 20.0, 5.0, 30.0], 20)
    rows = levels + RNG.normal(size=(50, 80))
    rows[:, 45] = NAN
    rows[:, 70] = 900.0  # an outlier is no level
    shifts = find_shifts(rows)
    found = shifts.is_start[:, [20, 40, 60]]
    assert found.mean() > 0.95
    assert shifts.is_start.sum() <= 50 * 3 * 1.1
    assert np.nanmedian(shifts.sizes[:, 20]) == pytest.approx(10, abs=0.5)


def test_noise_and_lines_are_no_shifts():
    noise = RNG.normal(size=(500, 60))
    assert find_shifts(noise).is_start.any(axis=1).mean() < 0.03
    lines = noise + np.arange(60)
    assert find_shifts(lines).is_start.any(axis=1).mean() < 0.03


def test_a_seam_is_a_level_that_is_known():
    rows = np.repeat([10.0, 20.0], 20) + RNG.normal(size=(30, 40))
    seams = np.zeros(rows.shape, bool)
    assert find_shifts(rows).is_start.any(axis=1).mean() > 0.95
    seams[:, 20] = True
    assert find_shifts(rows, seams).is_start.any(axis=1).mean() < 0.05


@pytest.mark.parametrize(
    ("row", "seams", "expected"),
    [
        ([1, 1, 5, 5], [2], [5, 5, 5, 5]),
        ([1, 2, 3, 11, 12, 13], [3], [11, 12, 13, 11, 12, 13]),
        ([1, 1, 5, 5, 2, 2], [2, 4], [2, 2, 2, 2, 2, 2]),
        ([NAN, NAN, 5, 5], [2], [NAN, NAN, 5, 5]),
        ([1, 1, NAN, NAN], [2], [1, 1, NAN, NAN]),
        ([1, 1, NAN, NAN, 7, 7], [2], [7, 7, NAN, NAN, 7, 7]),
        ([1, 1, 5, 5], [], [1, 1, 5, 5]),
        ([3, 3], [0], [3, 3]),
    ],
)
def test_what_was_computed_otherwise_is_levelled(row, seams, expected):
    mask = np.zeros((1, len(row)), bool)
    mask[0, seams] = True
    np.testing.assert_array_equal(level_seams(np.array([row]), mask)[0], expected)


def test_only_values_near_the_seam_say_how_large_it_is():
    row = np.r_[np.zeros(50), np.full(12, 30.0), np.full(12, 70.0), np.full(50, 9.0)]
    seams = np.zeros((1, len(row)), bool)
    seams[0, 62] = True
    levelled = level_seams(row[None], seams)[0]
    assert levelled[0] == 40
    assert levelled[55] == 70


@pytest.mark.parametrize("period", [4, 7, 12, 24])
@pytest.mark.parametrize("gaps", [False, True])
def test_a_season_is_found_among_the_candidates(period, gaps):
    pattern = RNG.normal(size=period) * 5
    rows = pattern[np.arange(120) % period] + RNG.normal(size=(20, 120))
    rows += 0.3 * np.arange(120)
    if gaps:
        rows[:, RNG.choice(120, 12, replace=False)] = NAN
    season = find_season(rows, [4, 7, 12, 24])
    assert (season.period == period).mean() > 0.9
    found = season.period == period
    assert season.strength[found].min() > 0.8
    expected = (pattern - pattern.mean())[np.arange(120) % period]
    assert np.abs(season.effect[found] - expected).mean() < 0.6
    without = remove_season(rows, season)
    assert (find_season(without, [period]).period > 1).mean() < 0.1


def test_noise_has_no_season():
    rows = RNG.normal(size=(2000, 48))
    season = find_season(rows, [3, 4, 12])
    assert (season.period > 1).mean() < 0.02
    assert not season.effect[season.period == 1].any()


def test_walks_are_seldom_taken_for_a_season():
    rows = RNG.normal(size=(500, 48)).cumsum(axis=1)
    assert (find_season(rows, [12]).period > 1).mean() < 0.1


def test_strength_of_a_perfect_season_is_one():
    row = np.tile([1.0, 4.0, 2.0, 9.0], 6)
    season = find_season(row[None], [4])
    assert season.strength[0] == pytest.approx(1)
    assert season.p_value[0] < 1e-6
    np.testing.assert_allclose(season.effect[0, :4], [-3, 0, -2, 5], atol=1e-12)


def test_strength_is_the_share_of_the_variance():
    """1 − var(remainder) / var(both): with 9 to 1 it is 0.9."""
    rows = np.tile([-3.0] * 6 + [3.0] * 6, 50) + RNG.normal(size=(20, 600))
    assert find_season(rows, [12]).strength.mean() == pytest.approx(0.9, abs=0.02)


def test_a_week_is_not_taken_for_a_fortnight():
    week = np.array([5, 6, 6, 5, 4, 0, 0.0])
    rows = np.tile(week, 20) + RNG.normal(size=(50, 140)) * 0.5
    assert (find_season(rows, [7, 14, 28]).period == 7).mean() > 0.95


def test_a_season_that_does_not_fit_in_three_times_is_passed_over():
    row = np.tile(np.arange(12.0), 3)[:35]
    season = find_season(row[None], [12])
    assert season.period[0] == 1
    assert np.isnan(season.p_value[0])


def test_a_step_at_a_seam_is_no_season():
    row = np.tile([0.0, 3.0, 1.0, 2.0], 10) + RNG.normal(size=40) * 0.1
    row[22:] += 500
    seams = np.zeros((1, 40), bool)
    seams[0, 22] = True
    season = find_season(row[None], [4], seams)
    assert season.period[0] == 4
    assert np.ptp(season.effect[0]) == pytest.approx(3, abs=0.5)


@pytest.mark.parametrize("candidates", [[1], [0, 12]])
def test_a_season_of_one_period_is_refused(candidates):
    with pytest.raises(ValueError, match="season"):
        find_season(np.ones((1, 40)), candidates)


@pytest.mark.parametrize("seams", [None, SEAMS])
def test_awkward_rows_are_stood(seams):
    season = find_season(MATRIX, [4, 7, 12], seams)
    assert np.isfinite(season.effect).all()
    assert ((season.strength >= 0) & (season.strength <= 1)).all()
    assert season.period[list(ROWS).index("constant")] == 1
    shifts = find_shifts(MATRIX, seams)
    names = [name for name, row in zip(ROWS, shifts.is_start, strict=True) if row.any()]
    assert "constant" not in names
    assert "zero" not in names
    if seams is None:
        assert shifts.is_start[list(ROWS).index("other unit"), 25]
    levelled = level_seams(MATRIX, seams)
    np.testing.assert_array_equal(np.isnan(levelled), np.isnan(MATRIX))


def test_no_series_have_no_season():
    assert find_season(np.empty((0, 30)), [4]).period.shape == (0,)
    assert find_shifts(np.empty((0, 30))).is_start.shape == (0, 30)
    assert find_shifts(np.empty((2, 0))).is_start.shape == (2, 0)


# Flow rates of the NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.2.2
NIST = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]


def test_limits_are_the_published_ones():
    limits = measure_limits(np.array([NIST]))
    assert (limits.low + limits.high)[0] / 2 == pytest.approx(50.81)
    # The handbook's constant is 3 / 1.128, ours rounded to 2.66.
    assert limits.high[0] == pytest.approx(55.8041, abs=1e-3)
    assert limits.low[0] == pytest.approx(45.8159, abs=1e-3)


def test_a_step_at_a_seam_is_no_moving_range():
    row = np.array([[10, 11, 10, 11, 10, 11, 510, 511, 510, 511, 510, 511]], float)
    seams = np.zeros(row.shape, bool)
    seams[0, 6] = True
    limits = measure_limits(row, seams)
    assert limits.low[0] == pytest.approx(510.5 - 2.66)
    assert limits.high[0] == pytest.approx(510.5 + 2.66)


@pytest.mark.parametrize("row", [[NAN] * 6, [1, 2, 3], [1, NAN, 2, NAN, 3, NAN], []])
def test_of_little_there_are_no_limits(row):
    limits = measure_limits(np.array([row], float).reshape(1, -1))
    assert np.isnan([limits.low[0], limits.high[0]]).all()


@pytest.mark.parametrize("seams", [None, SEAMS])
def test_awkward_rows_have_limits_or_none(seams):
    limits = measure_limits(MATRIX, seams)
    assert not np.isinf(limits.high).any()
    nothing, constant = (list(ROWS).index(name) for name in ("nothing", "constant"))
    assert np.isnan(limits.low[nothing])
    assert limits.low[constant] == limits.high[constant] == 7
