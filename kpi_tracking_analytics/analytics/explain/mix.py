"""Averages, ratios and shares: parts that performed otherwise, and a different mix."""

from dataclasses import dataclass

import numpy as np

from .exact import exact_sum


@dataclass(frozen=True)
class MixSplit:
    """Change of weighted averages: all of ``rate`` and ``mix`` add up to ``change``.

    :ivar rate: shape (series, parts): what each part's own value did
    :ivar mix: shape (series, parts): what its larger or smaller share of the whole did
    :ivar change: shape (series,): average after less average before; NaN, as its
        parts, where a side has none
    """

    rate: np.ndarray
    mix: np.ndarray
    change: np.ndarray


def split_average(
    before: np.ndarray,
    after: np.ndarray,
    weight_before: np.ndarray,
    weight_after: np.ndarray,
) -> MixSplit:
    """Rate and mix parts of the change of a weighted average, the same in both orders.

    Bennet 1920 (J. Royal Statistical Society 83, 455–462): a part's change of value
    times its mean share, and its change of share times its mean value, measured from
    the mean level of the whole, so that a part of average value has no mix part. A part
    with weight in one period only has no rate part.

    For a ratio the values are the ratios of the parts and the weights their
    denominators; for a share the values are 0 to 1.

    :param before, after: values of the parts, shape (series, parts), float64; a part
        without value (NaN) does not count in that period
    :param weight_before, weight_after: same shape, at least 0; NaN = 0
    :return: NaN for a series of which a weight is negative, or one side has none
    :raises ValueError: the shapes differ
    """
    arrays = [
        np.asarray(array, float)
        for array in (before, after, weight_before, weight_after)
    ]
    if len({array.shape for array in arrays}) > 1:
        raise ValueError("values and weights of both sides need the same shape")
    before, after = arrays[:2]
    shares = _shares(before, arrays[2]), _shares(after, arrays[3])
    parts = _split(before, after, *shares)
    # The same number as the difference of the levels, without their rounding.
    is_known = np.isfinite(parts).all(axis=1) & (parts.shape[1] > 0)
    change = np.where(is_known, exact_sum(parts), np.nan)
    parts = np.where(np.isnan(change)[:, None], np.nan, parts)
    count = before.shape[1]
    return MixSplit(parts[:, :count], parts[:, count:], change)


@np.errstate(over="ignore", invalid="ignore")
def _split(
    before: np.ndarray,
    after: np.ndarray,
    share_before: np.ndarray,
    share_after: np.ndarray,
) -> np.ndarray:
    """Rate parts and mix parts side by side."""
    levels = _level(before, share_before), _level(after, share_after)
    first = np.where(share_before > 0, before, np.where(share_after > 0, after, 0.0))
    last = np.where(share_after > 0, after, first)
    rate = (share_before / 2 + share_after / 2) * (last - first)
    level = (levels[0] / 2 + levels[1] / 2)[:, None]
    mix = (share_after - share_before) * (first / 2 + last / 2 - level)
    return np.column_stack([rate, mix])


def _shares(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of each part in the weight of its row; NaN in a row that has none."""
    weights = np.where(np.isnan(values) | np.isnan(weights), 0.0, weights)
    largest = weights.max(axis=1, initial=0.0, keepdims=True)
    is_usable = (largest > 0) & (weights >= 0).all(axis=1, keepdims=True)
    is_usable &= np.isfinite(largest)
    out = np.full_like(weights, np.nan)
    scaled = np.divide(weights, largest, out=out, where=is_usable)
    return scaled / scaled.sum(axis=1, keepdims=True)


def _level(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Weighted average of each row; NaN in a row without shares."""
    terms = np.where(shares > 0, values, 0.0) * np.where(shares > 0, shares, 0.0)
    has_none = np.isnan(shares).all(axis=1)
    return np.where(has_none, np.nan, exact_sum(terms))
