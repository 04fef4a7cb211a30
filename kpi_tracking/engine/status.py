"""Achievement of a target in percent, and the status it stands for.

The same rules as numpy functions and as SQL expressions, so that a screen, a summary
and a bulk update can never disagree. Both are tested with ``status_cases.json``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

Direction = Literal["higher", "lower", "range"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

ACHIEVEMENT_CAP = 999.0  # percent; beyond it, both ways, more says nothing
TOLERANCE = 1e-9  # percent; 94.9999999999 from rounding still reaches 95
LARGEST = 1e150  # larger magnitudes count as this, so that no ratio overflows
SMALLEST = 1e-150  # smaller magnitudes count as 0

# The meaning that colours and signs show; no other status is judged.
STATUS_TONES = {"on_target": "success", "at_risk": "warning", "off_target": "danger"}


class StatusError(ValueError):
    """A rule that cannot be applied; the text is for the KPI's owner."""


@dataclass(frozen=True)
class Bands:
    """Names for ranges of achievement, best first.

    :param keys: one more than thresholds; the last holds everything below
    :param thresholds: lowest achievement in percent of each key but the last,
        descending; numbers, or arrays of one number per row
    :raises StatusError: thresholds that do not descend, or another number of keys
    """

    keys: tuple[str, ...]
    thresholds: tuple[ArrayLike, ...]

    def __post_init__(self) -> None:
        if len(self.keys) != len(self.thresholds) + 1:
            raise StatusError(
                f"{len(self.keys)} zones need {len(self.keys) - 1} thresholds, "
                f"got {len(self.thresholds)}."
            )
        for better, worse in zip(self.thresholds, self.thresholds[1:], strict=False):
            if not np.all(np.asarray(better) > np.asarray(worse)):
                raise StatusError(
                    "The thresholds of the zones must descend from best to worst, "
                    f"got {better} before {worse}."
                )


RAG = Bands(("on_target", "at_risk", "off_target"), (95.0, 80.0))
FIVE_BANDS = Bands(
    ("excellent", "good", "fair", "poor", "critical"), (95.0, 80.0, 70.0, 50.0)
)
# How far outside a range a value is at risk by the thresholds of RAG, as a share of the
# width of the range. What it achieves falls from the first of them to the second.
RANGE_BAND = 0.1
BESIDE_RANGE, BEYOND_BAND = RAG.thresholds
NO_DATA = "no_data"
NO_TARGET = "no_target"


@dataclass(frozen=True)
class Judged:
    """A value of one period, what it is judged by, and the judgement; None = missing.

    :param target, baseline, stretch, low, high: of the full period, also of a running
        one, whose achievement is that of the part due so far
    :param achievement: percent
    :param status: a key of ``RAG``, ``no_target`` or ``no_data``
    :param band: a key of ``FIVE_BANDS``, empty where the KPI has three zones
    :param seam: a ``series.Seam``: where the way of computing changes
    """

    value: float | None = None
    target: float | None = None
    baseline: float | None = None
    stretch: float | None = None
    low: float | None = None
    high: float | None = None
    achievement: float | None = None
    status: str = NO_DATA
    band: str = ""
    is_stretch_reached: bool = False
    seam: str = ""


def achievement(
    value: ArrayLike,
    target: ArrayLike = np.nan,
    baseline: ArrayLike = np.nan,
    *,
    direction: Direction,
    range_low: ArrayLike = np.nan,
    range_high: ArrayLike = np.nan,
) -> np.ndarray | float:
    """Compute how far ``value`` reaches its target, in percent; 100 = reached.

    ===================================== ==========================================
    higher is better
    ===================================== ==========================================
    baseline below target                 (value - baseline) / (target - baseline)
    target > 0                            value / target
    target < 0                            2 - value / target: better is above 100 %
    target = 0                            100 % from 0 upwards, else 0
    ===================================== ==========================================

    ===================================== ==========================================
    lower is better
    ===================================== ==========================================
    baseline above target                 (baseline - value) / (baseline - target)
    target > 0, value > 0                 target / value
    target > 0, value <= 0                the cap, which target / value tends to
    target < 0                            value / target: less is above 100 %
    target = 0                            100 % up to 0, else 0
    ===================================== ==========================================

    ===================================== ==========================================
    range (the target is the range, one end may be missing)
    ===================================== ==========================================
    inside, ends included                 100 %
    outside by up to 10 % of the width    95 % beside the range to 80 % at 10 %
    further outside                       80 % to 0 % where it is the width outside
    outside, one end or no width          1 - distance / |end|, 0 where the end is 0
    ===================================== ==========================================

    So the usual thresholds find a value at risk in a band beside its range
    (:data:`RANGE_BAND`), and one far outside is no worse than nothing reached.

    A baseline on the wrong side of the target, or equal to it, is not used. The result
    lies within ±:data:`ACHIEVEMENT_CAP`, so it is negative where a KPI moved away from
    its target; screens decide what to clip. Whoever pro-rates a target of a running
    period pro-rates baseline and range too.

    :param value: any shape; all arguments broadcast; NaN = no data
    :param target: NaN = no target (not read for ``range``)
    :param baseline: where the KPI stood before; NaN = none
    :return: percent, in the broadcast shape, a float for scalars; NaN where the value
        or the target is missing, or ``range_low`` is above ``range_high``
    :raises StatusError: unknown direction
    """
    if direction not in DIRECTIONS:
        raise StatusError(
            f'Unknown direction "{direction}". Choose one of {", ".join(DIRECTIONS)}.'
        )
    value, target, baseline, low, high = np.broadcast_arrays(
        *(_clean(number) for number in (value, target, baseline, range_low, range_high))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        if direction == "higher":
            result = _higher(value, target, baseline)
        elif direction == "lower":
            result = _lower(value, target, baseline)
        else:
            result = _range(value, low, high)
    result = np.clip(result, -ACHIEVEMENT_CAP, ACHIEVEMENT_CAP)
    return result if result.ndim else float(result)


def status(
    percent: ArrayLike, bands: Bands = RAG, *, value: ArrayLike = np.nan
) -> np.ndarray | str:
    """Key of the band that each achievement falls into.

    :param percent: achievements in percent, any shape; NaN = not known
    :param value: the values judged: where one is known and its achievement is not, a
        target is missing
    :return: keys of ``bands``, ``no_data`` or ``no_target``, in the broadcast shape;
        a string for scalars
    """
    percent, value = np.broadcast_arrays(
        np.asarray(percent, float), np.asarray(value, float)
    )
    position = sum(
        (percent < np.asarray(threshold) - TOLERANCE).astype(int)
        for threshold in bands.thresholds
    )
    # After the keys of the bands those of what is not judged.
    count = len(bands.keys)
    missing = np.where(np.isnan(value), count, count + 1)
    keys = np.asarray([*bands.keys, NO_DATA, NO_TARGET])
    keys = keys[np.where(np.isnan(percent), missing, position)]
    return keys if keys.ndim else str(keys)


def achievement_sql(
    value: str,
    target: str,
    baseline: str = "NULL",
    *,
    direction: str,
    range_low: str = "NULL",
    range_high: str = "NULL",
) -> str:
    """SQL expression (float8) of :func:`achievement`; NULL where that gives NaN.

    :param value: SQL expression, as are all others: column names from code, never
        something that a user typed; ``direction`` may differ from row to row
    """
    return _ACHIEVEMENT_SQL.format(
        direction=direction,
        numbers=", ".join(
            _CLEAN_SQL.format(number=number, smallest=SMALLEST, largest=LARGEST)
            for number in (value, target, baseline, range_low, range_high)
        ),
        cap=ACHIEVEMENT_CAP,
        tolerance=TOLERANCE,
        band=RANGE_BAND,
        beside=BESIDE_RANGE,
        beyond=BEYOND_BAND,
        fall=(BESIDE_RANGE - BEYOND_BAND) / RANGE_BAND,
    )


def status_sql(
    percent: str,
    value: str = "NULL",
    bands: Bands = RAG,
    thresholds: Sequence[str] | None = None,
) -> str:
    """SQL expression (text) of :func:`status`.

    :param percent: SQL expression of the achievement
    :param value: SQL expression of the value judged
    :param thresholds: SQL expressions, best first, instead of the numbers of ``bands``
    """
    numbers = thresholds or [repr(float(number)) for number in bands.thresholds]
    steps = [
        f"WHEN {percent} >= {number} - {TOLERANCE} THEN '{key}'"
        for key, number in zip(bands.keys, numbers, strict=False)
    ]
    return "\n".join(
        [
            "CASE",
            f"WHEN {percent} IS NULL AND {value} IS NULL THEN '{NO_DATA}'",
            f"WHEN {percent} IS NULL THEN '{NO_TARGET}'",
            *steps,
            f"ELSE '{bands.keys[-1]}' END",
        ]
    )


def is_stretch_reached(
    value: ArrayLike, stretch: ArrayLike, direction: Direction, is_final: ArrayLike
) -> np.ndarray:
    """Return whether ``value`` is as good as ``stretch``; False where one is NaN.

    Without a tolerance: no percentage hangs on it.

    :param is_final: whether the value cannot grow any more; until then a small one
        that should stay small may still grow
    :return: booleans in the broadcast shape; all False for ``range``
    """
    if direction == "higher":
        return np.greater_equal(value, stretch)
    if direction == "lower":
        return np.less_equal(value, stretch) & np.asarray(is_final)
    return np.zeros(np.broadcast(value, stretch, is_final).shape, bool)


def is_stretch_reached_sql(
    value: str, stretch: str, direction: str, is_final: str
) -> str:
    """SQL expression (boolean, never NULL) of :func:`is_stretch_reached`.

    :param value: SQL expression from code, as are all others
    """
    return (
        f"COALESCE(CASE {direction} WHEN 'higher' THEN {value} >= {stretch}"
        f" WHEN 'lower' THEN {value} <= {stretch} AND {is_final} END, FALSE)"
    )


def _clean(number: ArrayLike) -> np.ndarray:
    """Magnitudes between SMALLEST and LARGEST, or 0: no ratio of two can overflow."""
    number = np.clip(np.asarray(number, float), -LARGEST, LARGEST)
    return np.where(np.abs(number) < SMALLEST, 0.0, number)


def _higher(value: np.ndarray, target: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    return np.select(
        [
            np.isnan(value) | np.isnan(target),
            baseline < target,
            target > 0,
            target < 0,
            value >= 0,
        ],
        [
            np.nan,
            100 * (value - baseline) / (target - baseline),
            100 * value / target,
            200 - 100 * value / target,
            100.0,
        ],
        0.0,
    )


def _lower(value: np.ndarray, target: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    return np.select(
        [
            np.isnan(value) | np.isnan(target),
            baseline > target,
            (target > 0) & (value > 0),
            target > 0,
            target < 0,
            value <= 0,
        ],
        [
            np.nan,
            100 * (baseline - value) / (baseline - target),
            100 * target / value,
            ACHIEVEMENT_CAP,
            100 * value / target,
            100.0,
        ],
        0.0,
    )


def _range(value: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    distance = np.fmax(np.fmax(low - value, value - high), 0.0)
    end = np.where(np.isnan(low), high, low)
    share = distance / (high - low)  # of the width
    beyond = BEYOND_BAND * (1 - (share - RANGE_BAND) / (1 - RANGE_BAND))
    return np.select(
        [
            np.isnan(value) | np.isnan(end) | (low > high),
            (distance <= 0) | (share <= TOLERANCE),
            (high > low) & (share <= RANGE_BAND),
            high > low,
            end == 0,
        ],
        [
            np.nan,
            100.0,
            BESIDE_RANGE - (BESIDE_RANGE - BEYOND_BAND) * share / RANGE_BAND,
            np.maximum(beyond, 0.0),
            0.0,
        ],
        100 - 100 * distance / np.abs(end),
    )


_CLEAN_SQL = """
    CASE WHEN ({number})::float8 = 'NaN' THEN NULL
         WHEN abs(({number})::float8) < {smallest} THEN 0.0::float8
         WHEN ({number})::float8 > {largest} THEN {largest}::float8
         WHEN ({number})::float8 < -{largest} THEN -{largest}::float8
         ELSE ({number})::float8 END"""

# What the caller gives stands in VALUES alone, where no name of ours can hide theirs.
# OFFSET 0 has each number cleaned once: else PostgreSQL repeats that wherever it is
# used, which takes longer to plan than to run.
_ACHIEVEMENT_SQL = """(
  SELECT CASE WHEN percent IS NULL THEN NULL
              ELSE least(greatest(percent, -{cap}), {cap}) END
    FROM (SELECT CASE direction
           WHEN 'higher' THEN CASE
             WHEN value IS NULL OR target IS NULL THEN NULL
             WHEN baseline < target
               THEN 100 * (value - baseline) / (target - baseline)
             WHEN target > 0 THEN 100 * value / target
             WHEN target < 0 THEN 200 - 100 * value / target
             WHEN value >= 0 THEN 100
             ELSE 0 END
           WHEN 'lower' THEN CASE
             WHEN value IS NULL OR target IS NULL THEN NULL
             WHEN baseline > target
               THEN 100 * (baseline - value) / (baseline - target)
             WHEN target > 0 AND value > 0 THEN 100 * target / value
             WHEN target > 0 THEN {cap}
             WHEN target < 0 THEN 100 * value / target
             WHEN value <= 0 THEN 100
             ELSE 0 END
           WHEN 'range' THEN CASE
             WHEN value IS NULL OR coalesce(low, high) IS NULL OR low > high THEN NULL
             WHEN greatest(low - value, value - high) <= 0 THEN 100
             WHEN greatest(low - value, value - high) / nullif(high - low, 0)
                  <= {tolerance} THEN 100
             WHEN high > low AND greatest(low - value, value - high) / (high - low)
                                 <= {band}
               THEN {beside} - {fall} * greatest(low - value, value - high)
                                      / (high - low)
             WHEN high > low
               THEN greatest(0.0, {beyond} * (1 - (
                      greatest(low - value, value - high) / (high - low) - {band}
                    ) / (1 - {band})))
             WHEN coalesce(low, high) = 0 THEN 0
             ELSE 100 - 100 * greatest(low - value, value - high)
                            / abs(coalesce(low, high)) END
           END AS percent
      FROM (VALUES ({direction}, {numbers}) OFFSET 0)
        AS judged(direction, value, target, baseline, low, high)
    ) AS rule
)"""
