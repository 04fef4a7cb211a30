"""Zones of achievement that a KPI may choose: three or five, with its own thresholds.

Five bands have words of their own; lists and totals count them as one of the three
statuses: excellent and good are on target, fair is at risk, poor and critical are off.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .status import FIVE_BANDS, RAG, Bands, StatusError, status, status_sql

ZONES = {"rag": RAG, "five": FIVE_BANDS}
THRESHOLD_FIELDS = [f"threshold_{number}" for number in range(1, 5)]
THRESHOLDS = FIVE_BANDS.thresholds  # the first two are those of RAG
HIGHEST = 999.0
# Which thresholds part on target, at risk and off target: of five bands, of three.
POSITIONS = ((1, 0), (2, 1))


def check_thresholds(zones: str, thresholds: Sequence[float | None]) -> None:
    """Refuse thresholds that are missing, out of reach or do not descend.

    :param zones: a key of ``ZONES``
    :param thresholds: percent, best first; those that the zones do not use are ignored
    :raises StatusError: naming what is wrong
    """
    used = thresholds[: len(ZONES[zones].thresholds)]
    if any(threshold is None for threshold in used):
        raise StatusError(f"Enter {len(used)} thresholds.")
    if not all(0 <= threshold <= HIGHEST for threshold in used):
        raise StatusError(f"Thresholds go from 0 to {HIGHEST:g}%.")
    Bands(ZONES[zones].keys, tuple(used))


def judge(
    percent: ArrayLike, value: ArrayLike, is_five: ArrayLike, thresholds: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Status and band of achievements whose zones may differ.

    :param percent, value: as for ``status.status``
    :param is_five: whether five bands are used
    :param thresholds: shape (4, …), NaN where the zones do not use them
    :return: keys of RAG, ``no_target`` or ``no_data``; keys of ``FIVE_BANDS``, empty
        where there are three zones or nothing to judge
    """
    percent = np.asarray(percent, float)
    is_five = np.broadcast_to(np.asarray(is_five, bool), percent.shape)
    given = np.asarray(thresholds, float)
    has_band = is_five & ~np.isnan(percent)
    three = (np.where(is_five, given[f], given[r]) for f, r in POSITIONS)
    statuses = status(percent, _bands(RAG, three), value=value)
    if not has_band.any():
        return statuses, np.full(percent.shape, "")
    five = (np.where(is_five, number, np.nan) for number in given)
    bands = np.where(has_band, status(percent, _bands(FIVE_BANDS, five)), "")
    return statuses, bands


def status_and_band_sql(
    percent: str, value: str, zones: str, thresholds: Sequence[str]
) -> tuple[str, str]:
    """SQL expressions (text) of :func:`judge`; the band is NULL where that is empty.

    :param zones: SQL expression of a key of ``ZONES``; as all others, never a text of
        a user
    :param thresholds: four SQL expressions
    """
    three = [
        f"CASE WHEN {zones} = 'five' THEN {thresholds[five]} ELSE {thresholds[rag]} END"
        for five, rag in POSITIONS
    ]
    band = status_sql(percent, value, FIVE_BANDS, thresholds)
    has_band = f"{zones} = 'five' AND {percent} IS NOT NULL"
    return (
        status_sql(percent, value, RAG, three),
        f"CASE WHEN {has_band} THEN {band} END",
    )


def _bands(usual: Bands, thresholds) -> Bands:
    """These thresholds, row by row; the usual ones where there are none."""
    return Bands(
        usual.keys,
        tuple(
            np.where(np.isnan(own), default, own)
            for own, default in zip(thresholds, usual.thresholds, strict=True)
        ),
    )
