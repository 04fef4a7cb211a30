"""Achievement of a target in percent, and the status it stands for.

The same rules as numpy functions and as SQL expressions, so that a screen, a summary
and a bulk update can never disagree. Both are tested with ``status_cases.json``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from .formula import EvalContext, evaluate, parse

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
# The first condition that holds says the percentage, else it is 0: formulas that SQL
# reads as well. ``aim`` is the target, ``origin`` the baseline, ``edge`` the low end of
# a range, or its only one; ``distance`` is how far outside of it a value lies, and
# ``share`` that of its width.
RULES: dict[Direction, list[tuple[str, str]]] = {
    "higher": [
        ("origin < aim", "100 * (value - origin) / (aim - origin)"),
        ("aim > 0", "100 * value / aim"),
        ("aim < 0", "200 - 100 * value / aim"),
        ("value >= 0", "100"),
    ],
    "lower": [
        ("origin > aim", "100 * (origin - value) / (origin - aim)"),
        ("aim > 0 and value > 0", "100 * aim / value"),
        ("aim > 0", f"{ACHIEVEMENT_CAP}"),
        ("aim < 0", "100 * value / aim"),
        ("value <= 0", "100"),
    ],
    "range": [
        (f"distance <= 0 or share <= {TOLERANCE}", "100"),
        (
            f"high > low and share <= {RANGE_BAND}",
            f"{BESIDE_RANGE} - {BESIDE_RANGE - BEYOND_BAND} * share / {RANGE_BAND}",
        ),
        (
            "high > low and share <= 1",
            f"{BEYOND_BAND} * (1 - share) / {1 - RANGE_BAND}",
        ),
        ("high > low", "0"),
        ("abs(edge) > 0", "100 - 100 * distance / abs(edge)"),
    ],
}
NO_DATA = "no_data"
NO_TARGET = "no_target"
NOT_DUE = "not_due"  # no day of a sum's period is over


@dataclass(frozen=True)
class Judged:
    """A value of one period, what it is judged by, and the judgement; None = missing.

    :param target, baseline, stretch, low, high: of the full period, also of a running
        one, whose achievement is that of the part due so far
    :param achievement: percent
    :param status: a key of ``RAG``, ``not_due``, ``no_target`` or ``no_data``
    :param band: a key of ``FIVE_BANDS``, empty where the KPI has three zones
    :param seam: a ``series.Seam``: where the way of computing changes
    :param target_to_date: the part of the target that is due, where the period is
        running and its target adds up; None where the target itself counts
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
    target_to_date: float | None = None

    @property
    def due_target(self) -> float | None:
        """The target that the achievement is a share of."""
        return self.target if self.target_to_date is None else self.target_to_date


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

    By :data:`RULES`: a share of the way from the baseline to the target, or of the
    target itself; of a target below 0 better is above 100%, and one of 0 is reached
    or not. Where lower is better and nothing is left, that is the cap, which
    target / value tends to. Inside a range it is 100%, ends included.

    The usual thresholds find a value at risk in a band beside its range
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
    numbers = np.broadcast_arrays(
        *(_clean(number) for number in (value, target, baseline, range_low, range_high))
    )
    shape = numbers[0].shape
    value, aim, origin, low, high = (each.reshape(1, -1) for each in numbers)
    edge = np.where(np.isnan(low), high, low)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.fmax(np.fmax(low - value, value - high), 0.0)
        share = distance / (high - low)
    inputs = {"value": value, "aim": aim, "origin": origin, "low": low, "high": high}
    inputs |= {"edge": edge, "distance": distance, "share": share}
    context = EvalContext(1, np.ones(value.size), np.zeros(value.size))
    result = np.zeros(value.shape)
    for condition, percent in reversed(RULES[direction]):
        holds = evaluate(parse(condition), inputs, context).values == 1
        found = evaluate(parse(percent), inputs, context).values
        result = np.where(holds, found, result)
    is_range = direction == "range"
    is_unknown = np.isnan(edge) | (low > high) if is_range else np.isnan(aim)
    result = np.where(np.isnan(value) | is_unknown, np.nan, result)
    result = np.clip(result.reshape(shape), -ACHIEVEMENT_CAP, ACHIEVEMENT_CAP)
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
    unknown = dict.fromkeys(RULES, "aim IS NULL")
    unknown["range"] = "edge IS NULL OR low > high"
    cases = [
        f"WHEN '{name}' THEN CASE WHEN value IS NULL OR {unknown[name]} THEN NULL "
        + "\n".join(f"WHEN {condition} THEN {percent}" for condition, percent in rules)
        + " ELSE 0 END"
        for name, rules in RULES.items()
    ]
    return _ACHIEVEMENT_SQL.format(
        direction=direction,
        numbers=", ".join(
            _CLEAN_SQL.format(number=number, smallest=SMALLEST, largest=LARGEST)
            for number in (value, target, baseline, range_low, range_high)
        ),
        cap=ACHIEVEMENT_CAP,
        cases="\n".join(cases),
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
    FROM (SELECT CASE direction {cases} END AS percent
            FROM (SELECT cleaned.*, coalesce(low, high) AS edge,
                         greatest(low - value, value - high, 0) AS distance,
                         greatest(low - value, value - high, 0)
                         / nullif(high - low, 0) AS share
                    FROM (VALUES ({direction}, {numbers}) OFFSET 0)
                      AS cleaned(direction, value, aim, origin, low, high)
              ) AS judged
      ) AS rule
)"""
