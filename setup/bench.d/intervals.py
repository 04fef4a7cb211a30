"""How often limits hold and how wide they are, by rolling origins on public series.

Each forecast knows what came before its origin and nothing else. One part of the series
was there to choose by; the other was set aside before, see :mod:`_public_series`, and
no choice was made by it. Beside it: how noise, counts and shares are forecast against
their plain mean.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from _harness import Bench, Figure, case
from _public_series import Kind, has_series, read_kinds
from installer import say

METHODS = (
    "automatic",
    "linear_regression",
    "polynomial",
    "exponential",
    "seasonal",
    "machine_learning",
)
ORIGINS, YOUNG_ORIGINS = 6, 5
LEAST_KNOWN = 12  # periods before the first origin
MOST_KNOWN = 160  # or three seasons, of longer histories
YOUNG = (5, 6, 7, 8, 9)
YOUNG_HORIZON = 6
PERCENTS = (80, 95)
POINTS = 3.0  # how far off coverage may be
# Interval scores of 80 and 95 % and MASE of Automatic, before lines, means and changes
# of variance were looked at
BEFORE = {
    "choice": (4.774, 7.825, 0.936),
    "aside": (4.372, 7.254, 0.856),
    "young": (7.059, 11.144, 1.415),
}
KNOWN, AHEAD, SERIES, SEED = (24, 60), 6, 400, 2718
T_QUANTILES = {24: (1.3195, 2.0687), 60: (1.2961, 2.0010)}  # of 0.9 and 0.975, n − 1


@case()
def interval_coverage(bench: Bench) -> Iterator[Figure]:
    """All methods, over the series that were there to choose by."""
    yield from _measure_methods("choice", False)


@case()
def interval_coverage_aside(bench: Bench) -> Iterator[Figure]:
    """All methods, over the kinds and series that were set aside."""
    yield from _measure_methods("aside", True)


@case()
def interval_coverage_young(bench: Bench) -> Iterator[Figure]:
    """Automatic where only 5 to 9 periods are known, over the series set aside."""
    if not has_series():
        return
    numbers = [_score(kind, _cut_young(kind), "automatic") for kind in read_kinds(True)]
    yield from _figures("young", "automatic", _pool(numbers))


def _measure_methods(part: str, aside: bool) -> Iterator[Figure]:
    if not has_series():
        return
    kinds = list(read_kinds(aside))
    for method in METHODS:
        numbers = [_score(kind, _cut(kind), method) for kind in kinds]
        if method == "automatic":
            for kind, (count, means) in zip(kinds, numbers, strict=True):
                say(f"{part}, {kind.name}, {count} series: {_format(means)}")
        yield from _figures(part, method, _pool(numbers))


def _figures(part: str, method: str, means: np.ndarray) -> Iterator[Figure]:
    say(f"{part}, {method}: {_format(means)}")
    for percent, covered in zip(PERCENTS, means, strict=False):
        name = f"covered_{percent}_off_{part}_{method}"
        yield Figure(name, abs(covered - percent), "points", POINTS, "<= 1")
    if method == "automatic":
        names = ("interval_80_score", "interval_95_score", "mase")
        for name, value, before in zip(names, means[2:], BEFORE[part], strict=True):
            yield Figure(f"{name}_{part}", value, "scaled", before, "<= 1.02")


def _format(means: np.ndarray) -> str:
    covered = " and ".join(f"{each:.1f} %" for each in means[:2])
    scores = f"{means[2]:.2f} and {means[3]:.2f}"
    return f"limits hold {covered}, scores {scores}, MASE {means[4]:.2f}"


class Origin(NamedTuple):
    """What was known, what came then, and the scale of errors; ``turn`` counts those of
    a series."""

    known: np.ndarray
    came: np.ndarray
    scale: float
    turn: int


def _cut(kind: Kind) -> list[Origin]:
    """Origins of all series of a kind, evenly from two seasons to the end."""
    origins = []
    season_length, horizon = kind.season_length, kind.horizon
    most = max(MOST_KNOWN, 3 * season_length)
    for values in kind.series.values():
        first = max(min(2 * season_length, len(values) // 2), LEAST_KNOWN)
        ends = np.linspace(first, len(values) - horizon, ORIGINS).astype(int)
        for turn, end in enumerate(np.unique(ends)):
            known = values[max(end - most, 0) : end]
            lag = season_length if len(known) > season_length + 3 else 1
            scale = float(np.nanmean(np.abs(known[lag:] - known[:-lag])))
            if scale > 0:
                came = values[end : end + horizon]
                origins.append(Origin(known, came, scale, turn))
    return origins


def _cut_young(kind: Kind) -> list[Origin]:
    """The same of series that begin 5 to 9 periods before the origin."""
    origins = []
    horizon = min(kind.horizon, YOUNG_HORIZON)
    for values in kind.series.values():
        scale = float(np.nanmean(np.abs(np.diff(values))))
        for periods in YOUNG:
            ends = np.linspace(periods, len(values) - horizon, YOUNG_ORIGINS)
            for turn, end in enumerate(np.unique(ends.astype(int))):
                known = values[end - periods : end]
                if scale > 0 and not np.isnan(known).any():
                    came = values[end : end + horizon]
                    origins.append(Origin(known, came, scale, turn))
    return origins


def _score(kind: Kind, origins: list[Origin], method: str) -> tuple[int, np.ndarray]:
    """Number of series, coverage of 80 and 95 %, their scores, and MASE.

    Interval scores are those of Gneiting & Raftery 2007 (JASA 102, 359–378).
    """
    # A model of all series must not learn from a later origin of one of them.
    is_whole = method != "machine_learning"
    turns = {0} if is_whole else {one.turn for one in origins}
    parts = [
        _measure(kind, [one for one in origins if is_whole or one.turn == turn], method)
        for turn in turns
    ]
    return len(kind.series), np.concatenate(parts, axis=1).mean(axis=1)


def _measure(kind: Kind, origins: list[Origin], method: str) -> np.ndarray:
    """The figures of :func:`_score`, a column for each period that was forecast."""
    from odoo.addons.kpi_tracking_analytics.analytics.forecast import forecast

    values = np.full((len(origins), max(len(one.known) for one in origins)), np.nan)
    for row, one in zip(values, origins, strict=True):
        row[-len(one.known) :] = one.known
    result = forecast(
        values,
        horizon=len(origins[0].came),
        season_length=kind.season_length,
        method=method,
    )
    came = np.array([one.came for one in origins])
    scales = np.array([[one.scale] for one in origins])
    covered, scores = [], []
    for percent in PERCENTS:
        low, high = _limits(result, percent)
        covered.append(100.0 * ((came >= low) & (came <= high)))
        scores.append(_interval_score(low, high, came, percent) / scales)
    errors = np.abs(came - result.mean) / scales
    numbers = np.array([*covered, *scores, errors])
    return numbers[:, ~np.isnan(came)]


def _pool(numbers: list[tuple[int, np.ndarray]]) -> np.ndarray:
    """Means over all series, each counting the same."""
    counts, means = zip(*numbers, strict=True)
    return np.average(means, axis=0, weights=counts)


def _limits(result: Any, percent: int) -> tuple[np.ndarray, np.ndarray]:
    return getattr(result, f"low_{percent}"), getattr(result, f"high_{percent}")


def _interval_score(
    low: np.ndarray, high: np.ndarray, came: np.ndarray, percent: int
) -> np.ndarray:
    outside = np.maximum(low - came, 0) + np.maximum(came - high, 0)
    return high - low + 2 / (1 - percent / 100) * outside


DRAWS: dict[str, tuple[int, Callable[[np.random.Generator, tuple], np.ndarray]]] = {
    "noise": (0, lambda rng, shape: rng.normal(100, 10, shape)),
    "counts_of_4": (1, lambda rng, shape: rng.poisson(4, shape)),
    "counts_of_30": (1, lambda rng, shape: rng.poisson(30, shape)),
    "rare_counts": (1, lambda rng, shape: rng.poisson(0.5, shape)),
    "shares": (2, lambda rng, shape: rng.binomial(50, 0.7, shape) * 2),
    "high_shares": (2, lambda rng, shape: rng.binomial(200, 0.97, shape) / 2),
}


@case()
def forecast_vs_mean(bench: Bench) -> Iterator[Figure]:
    """Errors and interval scores of noise, counts and shares beside their plain mean
    with the limits of Student's t, which are exact for normal noise."""
    from odoo.addons.kpi_tracking_analytics.analytics.forecast import (
        NumberKind,
        forecast,
    )

    for known in KNOWN:
        for place, (name, (kind, draw)) in enumerate(DRAWS.items()):
            rng = np.random.default_rng([SEED, known, place])
            values = draw(rng, (SERIES, known + AHEAD)).astype(float)
            before, came = values[:, :known], values[:, known:]
            result = forecast(
                before, horizon=AHEAD, season_length=12, kinds=NumberKind(kind)
            )
            mean = before.mean(axis=1, keepdims=True)
            ours, theirs = (
                float(np.abs(came - each).mean()) for each in (result.mean, mean)
            )
            yield Figure(f"mae_{name}_{known}", ours, "MAE", theirs, "<= 1.02")
            deviation = before.std(axis=1, ddof=1, keepdims=True)
            for percent, quantile in zip(PERCENTS, T_QUANTILES[known], strict=True):
                width = quantile * deviation * math.sqrt(1 + 1 / known)
                limits = mean - width, mean + width
                if kind == NumberKind.COUNT:
                    limits = np.rint(limits[0]).clip(0), np.rint(limits[1])
                elif kind == NumberKind.SHARE:
                    limits = limits[0].clip(0), limits[1].clip(max=100)
                ours, theirs = (
                    float(_interval_score(*each, came, percent).mean())
                    for each in (_limits(result, percent), limits)
                )
                metric = f"interval_{percent}_{name}_{known}"
                yield Figure(metric, ours, "score", theirs, "<= 1.1")
