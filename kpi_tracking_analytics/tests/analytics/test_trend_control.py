"""Limits of control charts and Nelson's rules, on published and on exact rows."""

import numpy as np
import pytest

from ...analytics.trend import Limits, find_nelson, measure_limits
from .awkward import MATRIX, ROWS, SEAMS

NAN = np.nan
# Flow rates of the NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.2.2
NIST = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]

pytestmark = pytest.mark.filterwarnings("error")


def test_limits_are_the_published_ones():
    limits = measure_limits(np.array([NIST]))
    assert limits.center[0] == pytest.approx(50.81)
    # The handbook's constant is 3 / 1.128, ours rounded to 2.66.
    assert limits.high[0] == pytest.approx(55.8041, abs=1e-3)
    assert limits.low[0] == pytest.approx(45.8159, abs=1e-3)
    assert not find_nelson(np.array([NIST]), limits)[0].any()


def test_limits_by_median_are_not_widened_by_an_outlier():
    row = np.array([[10, 11, 10, 11, 10, 99, 10, 11, 10, 11, 10, 11]], float)
    by_median = measure_limits(row, by_median=True)
    assert by_median.high[0] == pytest.approx(10.5 + 3.145)
    assert find_nelson(row, by_median)[0].nonzero()[1].tolist() == [5]
    assert measure_limits(row).high[0] > 60


def test_a_step_at_a_seam_is_no_moving_range():
    row = np.array([[10, 11, 10, 11, 10, 11, 510, 511, 510, 511, 510, 511]], float)
    seams = np.zeros(row.shape, bool)
    seams[0, 6] = True
    limits = measure_limits(row, seams)
    assert limits.center[0] == 510.5
    assert limits.high[0] == pytest.approx(510.5 + 2.66)
    assert not find_nelson(row, limits, seams)[0].any()


@pytest.mark.parametrize("row", [[NAN] * 6, [1, 2, 3], [1, NAN, 2, NAN, 3, NAN], []])
def test_of_little_there_are_no_limits(row):
    values = np.array([row], float).reshape(1, -1)
    limits = measure_limits(values)
    assert np.isnan([limits.center[0], limits.low[0], limits.high[0]]).all()
    assert not find_nelson(values, limits).any()


# In standard deviations from the centre. Every row has its pattern once, ending at the
# last value, and one value less of it has none.
PATTERNS = {
    1: [0.2, -0.3, 3.01],
    2: [-0.5, 0.3, 0.9, 0.2, 1.2, 0.8, 0.1, 0.6, 0.4, 0.7],
    3: [0.9, -1.5, -1.2, -0.5, 0.2, 0.6, 0.9],
    4: [0.3, -0.4] * 7,
    5: [0.1, 2.1, 0.3, 2.2],
    6: [-0.1, 1.1, 1.2, 0.9, 1.5, 1.3],
    7: [0.5, -0.4, -0.6, 0.2, 0.4] * 3,
    8: [1.2, -1.3, -1.5, 1.1, 1.6, -1.1, -1.4, 1.2],
}
UNIT = Limits(*(np.array([number]) for number in (100.0, 70.0, 130.0, 10.0)))


def _holds(row, rule, seams=None):
    values = 100 + 10 * np.array([row], float)
    if seams is not None:
        mask = np.zeros(values.shape, bool)
        mask[0, seams] = True
        seams = mask
    return find_nelson(values, UNIT, seams)[rule - 1, 0]


@pytest.mark.parametrize("rule", PATTERNS)
def test_a_rule_holds_at_the_last_value_of_its_pattern(rule):
    row = PATTERNS[rule]
    assert _holds(row, rule).nonzero()[0].tolist() == [len(row) - 1]
    mirrored = [-number for number in row]
    assert _holds(mirrored, rule).nonzero()[0].tolist() == [len(row) - 1]
    assert not _holds(row[:-1], rule).any()


@pytest.mark.parametrize("rule", [2, 3, 4, 7, 8])
def test_a_gap_ends_a_run(rule):
    row = PATTERNS[rule]
    assert not _holds([*row[:-2], NAN, *row[-2:]], rule).any()


@pytest.mark.parametrize(
    ("rule", "row"),
    [
        (2, [0.1] * 4 + [0.0] + [0.1] * 5),  # on the centre is on neither side
        (3, [-1.5, -1.2, -0.5, -0.5, 0.2, 0.6, 0.9]),  # the same is not higher
        (4, [0.3, -0.4] * 6 + [0.3, 0.3]),
        (5, [2.1, 0.3, 0.4, 2.2]),  # one of three
        (5, [2.1, 0.1, -2.2]),  # on both sides
        (5, [2.1, 2.2, 0.1][2:]),
        (5, [2.1, NAN, 2.2]),
        (6, [1.1, 1.2, 0.9, 0.8, 1.5, 1.3]),
        (7, [0.5, -0.4] * 7 + [1.0]),
        (8, [1.2, -1.3] * 3 + [1.0, 1.2]),
    ],
)
def test_what_is_nearly_a_pattern_is_none(rule, row):
    assert not _holds(row, rule).any()


@pytest.mark.parametrize(
    ("rule", "row"), [(5, [0.1, 2.1, 2.2, 0.3]), (6, [1.1, 1.2, 1.4, 1.5, 0.3])]
)
def test_what_comes_after_a_pattern_is_no_part_of_it(rule, row):
    assert _holds(row, rule).nonzero()[0].tolist() == [len(row) - 2]


@pytest.mark.parametrize("rule", [2, 3, 4, 7, 8])
def test_a_seam_ends_a_run(rule):
    """What lies before is levelled by medians; its runs are not joined to later."""
    row = PATTERNS[rule]
    assert not _holds(row, rule, [len(row) // 2]).any()


def test_rules_are_rare_on_noise_and_sure_on_shifts():
    noise = np.random.default_rng(5).normal(size=(400, 100))
    found = find_nelson(
        noise, Limits(*np.array([0.0, -3, 3, 1])[:, None] * np.ones(400))
    )
    # Of a normal process by Nelson 1984: rule 1 holds for 0.27 % of the values.
    assert found[0].mean() == pytest.approx(0.0027, abs=0.001)
    assert found[1:].mean(axis=(1, 2)).max() < 0.01
    noise[:, 50:] += 2
    shifted = find_nelson(
        noise, Limits(*np.array([0.0, -3, 3, 1])[:, None] * np.ones(400))
    )
    assert shifted[:, :, 50:].any(axis=(0, 2)).all()


@pytest.mark.parametrize("by_median", [False, True])
@pytest.mark.parametrize("seams", [None, SEAMS])
def test_awkward_rows_are_stood(seams, by_median):
    limits = measure_limits(MATRIX, seams, by_median=by_median)
    assert not np.isinf(limits.high).any()
    found = find_nelson(MATRIX, limits, seams)
    assert found.shape == (8, *MATRIX.shape)
    assert not found[:, list(ROWS).index("nothing")].any()
    constant = list(ROWS).index("constant")
    assert limits.low[constant] == limits.high[constant] == 7
    assert not found[[0, 1, 2, 3, 4, 5, 7], constant].any()
