"""Parts that add up to their parent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...analytics.forecast.reconciliation import reconcile

NAN = np.nan
NUMBERS = st.floats(-1e6, 1e6)


def test_whoever_is_forecast_worse_gives_way_more():
    # parts lack 10; variances 1 and 9, none of the parent: 1 and 9 more
    result = reconcile(
        np.array([[100.0]]),
        np.array([[30.0], [60.0]]),
        parent_variance=np.zeros((1, 1)),
        part_variance=np.array([[1.0], [9.0]]),
    )
    np.testing.assert_allclose(result.parents, [[100]])
    np.testing.assert_allclose(result.parts, [[31], [69]])
    np.testing.assert_allclose(result.own, [[0]], atol=1e-9)


def test_the_parent_gives_way_too():
    # lack 10; variances 3 of the parent, 1 and 1: it falls by 6, they rise by 2
    result = reconcile(
        np.array([[100.0]]),
        np.array([[30.0], [60.0]]),
        parent_variance=np.full((1, 1), 3.0),
        part_variance=np.ones((2, 1)),
    )
    np.testing.assert_allclose(result.parents, [[94]])
    np.testing.assert_allclose(result.parts, [[32], [62]])


def test_without_variances_sizes_take_their_place():
    # lack 20 of 100 with sizes 100, 60, 20: 20/180 of each
    result = reconcile(np.array([[100.0]]), np.array([[60.0], [20.0]]))
    np.testing.assert_allclose(result.parents, [[100 - 100 / 9]])
    np.testing.assert_allclose(result.parts, [[60 + 60 / 9], [20 + 20 / 9]])


def test_what_already_adds_up_stays():
    result = reconcile(np.array([[100.0]]), np.array([[70.0], [20.0]]), 0.1)
    np.testing.assert_allclose(result.parents, [[100]])
    np.testing.assert_allclose(result.parts, [[70], [20]])
    np.testing.assert_allclose(result.own, [[10]])


def test_each_parent_has_its_own_parts():
    parents = np.array([[10.0, 20.0], [5.0, 5.0]])
    parts = np.array([[4.0, 9.0], [5.0, 6.0], [6.0, 10.0]])
    together = reconcile(parents, parts, parent_of=[0, 1, 0])
    first = reconcile(parents[:1], parts[[0, 2]])
    np.testing.assert_allclose(together.parts[[0, 2]], first.parts)
    np.testing.assert_allclose(together.parents[:1], first.parents)
    np.testing.assert_allclose(together.parts[1], together.parents[1])


def test_a_part_without_a_forecast_is_left_to_the_rest():
    result = reconcile(np.array([[100.0]]), np.array([[30.0], [NAN]]))
    np.testing.assert_equal(result.parents, [[100]])
    np.testing.assert_equal(result.parts, [[30], [NAN]])
    np.testing.assert_equal(result.own, [[70]])


def test_a_parent_without_a_forecast_changes_no_part():
    result = reconcile(np.array([[NAN]]), np.array([[30.0], [20.0]]))
    np.testing.assert_equal(result.parts, [[30], [20]])
    assert np.isnan(result.parents).all()


@given(
    st.lists(NUMBERS, min_size=1, max_size=3),
    st.lists(st.lists(NUMBERS, min_size=2, max_size=2), min_size=1, max_size=6),
    st.floats(0, 1),
    st.data(),
)
def test_parts_and_the_rest_are_the_parent(parents, parts, share, data):
    rows = data.draw(
        st.lists(
            st.integers(0, len(parents) - 1), min_size=len(parts), max_size=len(parts)
        )
    )
    matrix = np.array(parents)[:, None] * np.ones((1, 2))
    result = reconcile(matrix, np.array(parts), share, parent_of=rows)
    total = result.own.copy()
    np.add.at(total, rows, result.parts)
    np.testing.assert_allclose(total, result.parents, rtol=1e-9, atol=1e-9 * 1e6)


def test_huge_forecasts_do_not_overflow():
    result = reconcile(np.array([[1e300]]), np.array([[3e299], [5e299]]))
    np.testing.assert_allclose(result.parts.sum(axis=0), result.parents[0])


@pytest.mark.parametrize(
    ("parents", "parts", "options"),
    [
        (np.zeros(3), np.zeros((1, 3)), {}),
        (np.zeros((1, 3)), np.zeros((1, 2)), {}),
        (np.zeros((1, 3)), np.zeros((2, 3)), {"parent_of": [0]}),
        (np.zeros((1, 3)), np.zeros((2, 3)), {"own_share": 1.5}),
        (np.zeros((1, 3)), np.zeros((2, 3)), {"own_share": NAN}),
    ],
)
def test_what_does_not_fit_is_refused(parents, parts, options):
    with pytest.raises(ValueError):
        reconcile(parents, parts, **options)
