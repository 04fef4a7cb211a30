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
        negative or all are 0, since that tells nothing of the season
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
    if any(weight < 0 for weight in exact):
        raise SpreadError("A weight is below 0. Use weights from 0 upwards.")
    if not sum(exact):
        raise SpreadError("All weights are 0. Give at least one a weight.")
    unit = Decimal(1).scaleb(-decimals)
    whole = _decimal(total).quantize(unit, ROUND_FLOOR)
    shares = [whole * weight / sum(exact) for weight in exact]
    parts = [share.quantize(unit, ROUND_FLOOR) for share in shares]
    units_left = int((whole - sum(parts)) / unit)
    lost = sorted(range(len(parts)), key=lambda at: parts[at] - shares[at])
    for at in lost[:units_left]:
        parts[at] += unit
    parts[exact.index(max(exact))] += _decimal(total) - whole
    return [float(part) for part in parts]


def _decimal(number: float) -> Decimal:
    """The number as people write it: 0.1, not the binary fraction next to it."""
    return Decimal(repr(float(number)))
