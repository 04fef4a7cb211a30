import numpy as np
import pytest

from ...engine.tail import tail_threshold

NAN = np.nan


@pytest.mark.parametrize("count", [60, 240])
@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        ("normal", ()),
        ("laplace", ()),
        ("standard_t", (3,)),
        ("exponential", ()),
        ("poisson", (4,)),
    ],
)
def test_one_in_two_hundred_exceeds_it_whatever_the_distribution(
    shape, arguments, count
):
    rng = np.random.default_rng(5)
    values = getattr(rng, shape)(*arguments, size=(8000, count + 1))
    sizes = np.abs(values - values.mean())
    share = (sizes[:, -1] > tail_threshold(sizes[:, :-1], 1 / 200)).mean()
    assert 1 / 600 < share < 1 / 67  # within a factor of 3


def test_the_unit_and_gaps_make_no_difference():
    sizes = np.random.default_rng(1).exponential(size=(3, 20))
    limit = tail_threshold(sizes, 0.01)
    np.testing.assert_allclose(tail_threshold(sizes * 2.0**900, 0.01), limit * 2.0**900)
    gaps = np.insert(sizes, [0, 7, 20], NAN, axis=1)
    np.testing.assert_allclose(tail_threshold(gaps, 0.01), limit)


def test_of_too_few_and_of_none_nothing_is_said():
    rows = np.array([[0.0] * 8, [1.0] * 7 + [NAN], [NAN] * 8])
    np.testing.assert_array_equal(tail_threshold(rows, 0.01), [0, NAN, NAN])
