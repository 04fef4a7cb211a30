"""Forecasts: ours beside AutoETS of statsforecast and beside plain ones.

The series are those of the M3, M4 and tourism competitions with their own horizons.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from _forecast_reference import auto_ets
from _forecast_series import (
    FOLDER,
    SEASONS,
    Series,
    as_matrix,
    held_back,
    interval_scores,
    mase,
    naive,
    read_series,
    seasonal_naive,
)
from _harness import Bench, Figure, case
from installer import say

YOUNG = {18: 1.05, 24: 1.05, 30: 0.90}  # months known, and the target
YOUNG_HORIZON = 6
COVERED = {80: (81.0, 3.0), 95: (95.0, 2.0)}  # middle of the target, and how far off
SIDES = ("lo", "hi")  # as statsforecast names the limits
MONTHS_JUDGED = (1, 3, 6, 12)
GROWTH = 1.03
MANY, POINTS, HORIZON = 10_000, 60, 12
ETS_SAMPLE = 300
MONTHLY = SEASONS["monthly"]


def _has_series() -> bool:
    if not FOLDER.is_dir():
        say(f"skipped: {FOLDER} is not there, see KPI_DATA")
    return FOLDER.is_dir()


def _forecast(series: list[Series], season_length: int, horizon: int = 0):
    from odoo.addons.kpi_tracking_analytics.analytics.forecast import forecast

    return forecast(
        as_matrix([one.train for one in series]),
        horizon=horizon or max(len(one.test) for one in series),
        season_length=season_length,
    )


@cache
def _monthly(is_earlier: bool) -> list[Series]:
    series = read_series("monthly")
    return held_back(series, MONTHLY) if is_earlier else series


@cache
def _monthly_ets(is_earlier: bool) -> list[dict[str, list[float]]] | None:
    """AutoETS of all monthly series, fitted once in a run."""
    series = _monthly(is_earlier)
    answer = auto_ets(
        [one.train for one in series], [len(one.test) for one in series], MONTHLY
    )
    return answer and answer[0]


@case()
def forecast_mase(bench: Bench) -> Iterator[Figure]:
    """Errors over 200 monthly series beside AutoETS, with all known but the official
    horizon, and with one horizon less known."""
    if not _has_series():
        return
    for is_earlier, name, target in (
        (False, "mase_vs_autoets", "<= 1"),
        (True, "mase_vs_autoets_earlier", "<= 0.97"),
    ):
        series, reference = _monthly(is_earlier), _monthly_ets(is_earlier)
        if reference is None:
            return
        ours = mase(series, _forecast(series, MONTHLY).mean)
        theirs = mase(series, [one["mean"] for one in reference])
        yield Figure(name, ours, "MASE", theirs, target)


@case()
def forecast_mase_vs_naive(bench: Bench) -> Iterator[Figure]:
    """Errors beside the better of repeating the last value and the last season."""
    if not _has_series():
        return
    for name in ("weekly", "quarterly", "hourly", "daily"):
        season_length, series = SEASONS[name], read_series(name)
        ours = mase(series, _forecast(series, season_length).mean)
        plain = min(
            mase(series, map(naive, series)),
            mase(series, [seasonal_naive(one, season_length) for one in series]),
        )
        yield Figure(f"mase_vs_naive_{name}", ours, "MASE", plain, "<= 1.05")


@case()
def forecast_mase_young(bench: Bench) -> Iterator[Figure]:
    """Errors of the next 6 months where only the last 18, 24, 30 are known; scaled as
    ever by the whole series, where the seasonal naive forecast has 1.05."""
    if not _has_series():
        return
    for months, target in YOUNG.items():
        series = [
            Series(one.train[-months:], one.test, one.scale) for one in _monthly(False)
        ]
        forecasts = _forecast(series, MONTHLY, YOUNG_HORIZON).mean
        ours = mase(series, forecasts, YOUNG_HORIZON)
        yield Figure(f"mase_young_{months}", ours, "MASE", 1.0, f"<= {target}")


@case()
def forecast_intervals(bench: Bench) -> Iterator[Figure]:
    """How far what the intervals cover of the first 12 months is off the middle of its
    target (78 to 84 %, 93 to 97 %), and their score beside AutoETS."""
    if not _has_series():
        return
    series, reference = _monthly(False), _monthly_ets(False)
    result = _forecast(series, MONTHLY)
    for percent, (middle, most) in COVERED.items():
        low, high = (
            getattr(result, f"low_{percent}"),
            getattr(result, f"high_{percent}"),
        )
        covered, score = interval_scores(series, low, high, percent)
        say(f"{percent} % intervals cover {covered:.1f} %")
        off = abs(covered - middle)
        yield Figure(f"interval_{percent}_off", off, "points", most, "<= 1")
        if reference is not None:
            low, high = zip(
                *[(one[f"lo-{percent}"], one[f"hi-{percent}"]) for one in reference],
                strict=True,
            )
            covered, theirs = interval_scores(series, low, high, percent)
            say(f"{percent} % intervals of AutoETS cover {covered:.1f} %")
            yield Figure(f"interval_{percent}_score", score, "MSIS", theirs, "<= 1.05")


@case()
def forecast_probability(bench: Bench) -> Iterator[Figure]:
    """Brier score of the probability that months 1, 3, 6 and 12 reach 3 % more than a
    year before; and that the first 12 months do so together, told when so many of them
    are known. The score of always saying how often it happens is printed."""
    if not _has_series():
        return
    series = _monthly(False)
    result = _forecast(series, MONTHLY, HORIZON)
    goal = GROWTH * np.array([one.train[-MONTHLY:] for one in series])
    came = np.array([one.test[:HORIZON] for one in series])
    months = np.array(MONTHS_JUDGED) - 1
    said = result.probability_at_least(goal)[:, months]
    yield _brier("brier_growth", said, (came >= goal)[:, months])
    said = np.stack([_year_probability(series, known) for known in MONTHS_JUDGED], 1)
    happened = came.sum(axis=1) >= goal.sum(axis=1)
    yield _brier("brier_year", said, np.repeat(happened[:, None], len(months), axis=1))


def _year_probability(series: list[Series], known: int) -> np.ndarray:
    """Probability that the year reaches its goal, with so many months of it known."""
    goal = GROWTH * np.array([one.train[-MONTHLY:].sum() for one in series])
    left = goal - np.array([one.test[:known].sum() for one in series])
    if known == HORIZON:
        return (left <= 0).astype(float)
    later = [
        one._replace(train=np.r_[one.train, one.test[:known]], test=one.test[known:])
        for one in series
    ]
    result = _forecast(later, MONTHLY, HORIZON - known)
    said = result.probability_total_at_least(left[:, None])[:, -1]
    happened = np.array([one.test[: HORIZON - known].sum() for one in later]) >= left
    say(f"Brier of the year after {known}: {np.mean((said - happened) ** 2):.3f}")
    return said


def _brier(name: str, said: np.ndarray, happened: np.ndarray) -> Figure:
    from odoo.addons.kpi_tracking_analytics.analytics.reliability import brier_score

    base = happened.mean()
    say(f"{name}: {base * (1 - base):.3f} for who always says {base:.2f}")
    score = brier_score(said.ravel(), happened.ravel())
    return Figure(name, score, "Brier", 1.0, "<= 0.19")


@case()
def forecast_cpu(bench: Bench) -> Iterator[Figure]:
    """Processor seconds for 10,000 series of 60 months, horizon 12, with intervals.

    AutoETS is measured on 300 of them at most and scaled up.
    """
    if not _has_series():
        return
    from odoo.addons.kpi_tracking_analytics.analytics.forecast import forecast

    long_ones = [
        one.train[-POINTS:] for one in _monthly(False) if len(one.train) >= POINTS
    ]
    sample = long_ones[:ETS_SAMPLE]
    answer = auto_ets(sample, [HORIZON] * len(sample), MONTHLY)
    values = np.resize(np.array(long_ones), (MANY, POINTS))
    seconds = statistics.median(
        _cpu_seconds(lambda: forecast(values, horizon=HORIZON, season_length=MONTHLY))
        for _turn in range(bench.repeat)
    )
    if answer:
        theirs = answer[1] / len(sample) * MANY
        yield Figure("forecast_vs_autoets_cpu", seconds, "s", theirs, "<= 0.01")


def _cpu_seconds(function: Callable[[], object]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start
