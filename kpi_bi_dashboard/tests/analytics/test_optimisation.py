"""The search behind every fit."""

import numpy as np
import pytest

from ...analytics.optimisation import find_minimum


def test_a_bent_valley_is_followed_to_its_end():
    """Rosenbrock 1960 (Computer Journal 3, 175–184): least at (1, 1)."""
    found = find_minimum(
        lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2, np.array([-1.2, 1.0])
    )
    assert found.has_converged
    assert found.evaluations < 300
    np.testing.assert_allclose(found.point, [1, 1], atol=1e-4)


@pytest.mark.parametrize(
    ("function", "has_converged"),
    [
        (lambda _x: np.nan, False),
        (lambda x: float("inf") if x[0] > 0 else x @ x, True),  # the start is the edge
        (lambda x: -x[0], False),  # without an end
        (lambda _x: 1.0, True),
    ],
)
def test_a_search_never_raises(function, has_converged):
    found = find_minimum(function, np.zeros(2))
    assert found.has_converged == has_converged
    assert found.evaluations <= 1010
