"""Reaching the stretch: more than is asked for.

Without a tolerance: the stretch is reached or not, and no percentage hangs on it.
"""

import numpy as np
from numpy.typing import ArrayLike

from .status import Direction


def is_reached(
    value: ArrayLike, stretch: ArrayLike, direction: Direction, is_final: ArrayLike
) -> np.ndarray:
    """Return whether ``value`` is as good as ``stretch``; False where one is NaN.

    :param is_final: whether the value cannot grow any more; until then a small one
        that should stay small may still grow
    :return: booleans in the broadcast shape; all False for ``range``
    """
    if direction == "higher":
        return np.greater_equal(value, stretch)
    if direction == "lower":
        return np.less_equal(value, stretch) & np.asarray(is_final)
    return np.zeros(np.broadcast(value, stretch, is_final).shape, bool)


def is_reached_sql(value: str, stretch: str, direction: str, is_final: str) -> str:
    """SQL expression (boolean, never NULL) of :func:`is_reached`.

    :param value: SQL expression from code, as are all others
    """
    return (
        f"COALESCE(CASE {direction} WHEN 'higher' THEN {value} >= {stretch}"
        f" WHEN 'lower' THEN {value} <= {stretch} AND {is_final} END, FALSE)"
    )
