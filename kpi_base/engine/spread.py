"""Splitting a total into parts: over the periods of a year, or over departments."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

import numpy as np


class SpreadError(ValueError):
    """A total that cannot be split; the text is for who asked for it."""


def season_shares(last_year: np.ndarray) -> np.ndarray:
    """Share of each period in its year, as it was a year earlier.

    :param last_year: shape (KPIs, periods of the year); values a year earlier, NaN =
        none
    :return: same shape, rows add up to 1; even where a period has no value, one is
        negative or all are 0, since that shows no season
    """
    last_year = np.asarray(last_year, float)
    total = last_year.sum(axis=1, keepdims=True)
    is_season = (last_year >= 0).all(axis=1, keepdims=True) & (total > 0)
    even = np.full(last_year.shape, 1 / last_year.shape[1])
    return np.divide(last_year, total, out=even, where=is_season)


def split(total: float, weights: Sequence[float], decimals: int) -> list[float]:
    """Parts of ``total`` by weight that add up to it, rounded by largest remainder.

    Each part is rounded towards minus infinity; what is left goes in the smallest units
    to those who lost most, the first among equals.

    :param weights: not negative, not all 0
    :param decimals: of the parts; digits of the total beyond them stay in the first
        part of the largest weight
    :raises SpreadError: weights that split nothing
    """
    exact = [_decimal(weight) for weight in weights]
    unit = Decimal(1).scaleb(-decimals)
    whole = _decimal(total).quantize(unit, ROUND_FLOOR)
    parts = [part * unit for part in _split_units(whole / unit, exact)]
    parts[exact.index(max(exact))] += _decimal(total) - whole
    return [float(part) for part in parts]


def apportion(
    total: Decimal, weights: Sequence[Decimal], unit: Decimal
) -> list[Decimal]:
    """Exact parts of ``total`` by weight that add up to it, by largest remainder.

    A negative total gives the parts of the positive one with the sign changed, so that
    what is taken back of each part is what was given.

    :param total: a multiple of ``unit``
    :param weights: not negative, not all 0
    :param unit: smallest amount, such as 0.01, 1 or 0.05
    :raises SpreadError: weights that split nothing
    """
    parts = _split_units(abs(total) / unit, weights)
    return [(part * unit).copy_sign(total) for part in parts]


def _split_units(units: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Whole units by weight; what is left goes to those who lost most by rounding."""
    if any(weight < 0 for weight in weights):
        raise SpreadError("A weight is below 0. Use weights from 0 upwards.")
    whole = sum(weights)
    if not whole:
        raise SpreadError("All weights are 0. Give at least one a weight.")
    exact = [units * weight / whole for weight in weights]
    parts = [share.quantize(Decimal(1), ROUND_FLOOR) for share in exact]
    left = int(units - sum(parts))
    lost = sorted(range(len(parts)), key=lambda at: parts[at] - exact[at])
    for at in lost[:left]:
        parts[at] += 1
    return parts


def _decimal(number: float) -> Decimal:
    """The number as people write it: 0.1, not the binary fraction next to it."""
    return Decimal(repr(float(number)))
