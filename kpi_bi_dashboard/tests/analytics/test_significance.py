"""Tests of changes against published values, and the share of false findings."""

from math import inf

import numpy as np
import pytest

from odoo.addons.kpi_tracking.engine.change import measure_last

from ...analytics.significance import (
    compare_change,
    compare_counts,
    compare_shares,
    exceed_share,
    find_discoveries,
)


@pytest.mark.parametrize(
    ("before", "after", "share", "expected"),
    [
        (5, 5, 0.5, 1),
        (0, 0, 0.5, 1),
        (3, 9, 0.5, 2 * (220 + 66 + 12 + 1) / 2**12),
        (0, 5, 0.5, 2 / 2**5),
        # twice as long: 10 of 15 are just what is expected
        (5, 10, 2 / 3, 1),
        # scipy.stats.binomtest(60, 72, 31 / 61).pvalue
        (12, 60, 31 / 61, 1.7628e-8),
    ],
)
def test_counts_are_compared_exactly(before, after, share, expected):
    assert compare_counts(before, after, share) == pytest.approx(expected, rel=1e-3)


def test_shares_are_compared_exactly():
    # the lady who tastes tea: 4 of 4 against 0 of 4
    assert compare_shares(0, 4, 4, 4) == pytest.approx(2 / 70)
    assert compare_shares(1, 4, 3, 4) == pytest.approx(34 / 70)
    assert compare_shares(10, 20, 5, 10) == pytest.approx(1)
    assert exceed_share(0, 7, 0.05) == pytest.approx(1)
    assert exceed_share(2, 2, 0.05) == pytest.approx(0.0025)


@pytest.mark.parametrize(
    ("degrees", "t", "expected"),
    [  # tables of Student's t, two-sided
        (1, 12.706, 0.05),
        (2, 4.303, 0.05),
        (3, 5.841, 0.01),
        (4, 2.776, 0.05),
        (7, 3.499, 0.01),
        (7, 5.408, 0.001),
    ],
)
def test_changes_are_compared_with_those_before(degrees, t, expected):
    found = compare_change(-t / 0.6744897501960817, 2 * degrees)
    assert found == pytest.approx(expected, rel=2e-3)
    assert compare_change(inf, 12) == 0
    assert compare_change(0, 12) == 1


def test_the_procedure_is_the_published_one():
    # Benjamini & Hochberg 1995, section 3.1, at 5%: the first four
    known = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    known += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert find_discoveries(known[::-1], 0.05) == [False] * 11 + [True] * 4
    assert find_discoveries([]) == []


@pytest.mark.parametrize("known", [4, 6, 12])
def test_pages_of_nothing_but_chance_have_findings_in_a_tenth_at_most(known):
    rng = np.random.default_rng(known)
    pages = 0
    for values in rng.normal(100, 15, (400, 12, known + 2)):
        tested = [compare_change(measure_last(one.tolist()), known) for one in values]
        pages += any(find_discoveries(tested))
    assert pages / 400 < 0.14


def test_pages_of_small_counts_have_findings_in_a_tenth_at_most():
    rng = np.random.default_rng(9)
    pages = sum(
        any(find_discoveries([compare_counts(*pair) for pair in counts]))
        for counts in rng.poisson(6, (400, 12, 2)).tolist()
    )
    assert pages / 400 < 0.12
