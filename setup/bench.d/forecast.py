"""Forecasts: ours beside AutoETS of statsforecast and beside plain ones, and what the
analysis of all KPIs costs in Odoo beside the functions alone.

The series are those of the M3, M4 and tourism competitions with their own horizons, in
the folder ``forecast`` of the data sets that KPI_DATA names.
"""

import csv
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from timeit import timeit
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

from _forecast_reference import Forecasts, auto_ets
from _harness import DATA, Bench, Figure, case, count_statements
from _kpis import fill_months, track
from installer import say

SEASONS = {"monthly": 12, "quarterly": 4, "weekly": 52, "hourly": 24, "daily": 7}
YOUNG = {12: 1.05, 18: 1.05, 24: 1.05, 30: 0.90}  # months known, and the target
YOUNG_HORIZON = 6
COVERED = {80: (81.0, 3.0), 95: (95.0, 2.0)}  # middle of the target, and how far off
MONTHS_JUDGED = (1, 3, 6, 12)
GROWTH = 1.03
MANY, POINTS, HORIZON = 10_000, 60, 12
ETS_SAMPLE = 300
MONTHLY = SEASONS["monthly"]
DEFINITIONS, USERS, MONTHS = 250, 40, 36  # 10,000 reports of users
FEW = 500


class Series(NamedTuple):
    """What is known, what came then, and the error of the seasonal naive forecast.

    :ivar train, test: oldest first
    :ivar scale: mean absolute difference to the season before in all that is known
    """

    train: np.ndarray
    test: np.ndarray
    scale: float


def _has_series() -> bool:
    folder = DATA / "forecast"
    if not folder.is_dir():
        say(f"skipped: {folder} is not there, see KPI_DATA")
    return folder.is_dir()


@cache
def _read_series(name: str, is_earlier: bool = False) -> list[Series]:
    """The series of a file, such as ``monthly``.

    :param is_earlier: with one horizon less known: its last part is to be forecast
    """
    parts: dict[str, dict[str, list[float]]] = {}
    file = DATA / "forecast" / f"{name}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            one = parts.setdefault(row["series_id"], {"train": [], "test": []})
            one[row["part"]].append(float(row["value"]))
    found = []
    for one in parts.values():
        train, test = np.array(one["train"]), np.array(one["test"])
        if is_earlier:
            train, test = train[: -len(test)], train[-len(test) :]
        errors = np.abs(train[SEASONS[name] :] - train[: -SEASONS[name]])
        found.append(Series(train, test, float(errors.mean())))
    return found


def _mase(series: Sequence[Series], forecasts: Iterable, periods: int = 0) -> float:
    """Mean absolute scaled error (Hyndman & Koehler 2006), mean over the series.

    :param forecasts: at least as long as each test part
    :param periods: only the first ones; 0 for all
    """
    errors = []
    for one, forecast in zip(series, forecasts, strict=True):
        test = one.test[: periods or None]
        errors.append(np.abs(test - forecast[: len(test)]).mean() / one.scale)
    return float(np.mean(errors))


def _score_intervals(
    series: Sequence[Series], low: Iterable, high: Iterable, percent: float
) -> tuple[float, float]:
    """Coverage in per cent and mean scaled interval score over the first 12 periods.

    Gneiting & Raftery 2007 (JASA 102, 359–378), divided by the scale of each series.
    """
    inside, scores = [], []
    penalty = 2 / (1 - percent / 100)
    for one, bottom, top in zip(series, low, high, strict=True):
        test, bottom, top = one.test[:12], np.array(bottom)[:12], np.array(top)[:12]
        inside.append((test >= bottom) & (test <= top))
        outside = np.maximum(bottom - test, 0) + np.maximum(test - top, 0)
        scores.append((top - bottom + penalty * outside) / one.scale)
    return 100 * float(np.mean(inside)), float(np.mean(scores))


def _forecast(series: list[Series], season_length: int, horizon: int = 0) -> Any:
    """Ours, of series that end together, with NaN before they start."""
    from odoo.addons.kpi_tracking_analytics.analytics.forecast import forecast

    values = np.full((len(series), max(len(one.train) for one in series)), np.nan)
    for row, one in zip(values, series, strict=True):
        row[-len(one.train) :] = one.train
    horizon = horizon or max(len(one.test) for one in series)
    return forecast(values, horizon=horizon, season_length=season_length)


@cache
def _fit_auto_ets(is_earlier: bool) -> Forecasts | None:
    """AutoETS of all monthly series, fitted once in a run."""
    series = _read_series("monthly", is_earlier)
    trains, horizons = zip(*[(one.train, len(one.test)) for one in series], strict=True)
    answer = auto_ets(trains, horizons, MONTHLY)
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
        series = _read_series("monthly", is_earlier)
        reference = _fit_auto_ets(is_earlier)
        if reference is None:
            return
        ours = _mase(series, _forecast(series, MONTHLY).mean)
        theirs = _mase(series, [one["mean"] for one in reference])
        yield Figure(name, ours, "MASE", theirs, target)


@case()
def forecast_mase_vs_naive(bench: Bench) -> Iterator[Figure]:
    """Errors beside the better of repeating the last value and the last season."""
    if not _has_series():
        return
    for name in ("weekly", "quarterly", "hourly", "daily"):
        season_length, series = SEASONS[name], _read_series(name)
        ours = _mase(series, _forecast(series, season_length).mean)
        plain = min(
            _mase(series, (np.resize(s.train[-last:], len(s.test)) for s in series))
            for last in (1, season_length)
        )
        yield Figure(f"mase_vs_naive_{name}", ours, "MASE", plain, "<= 1.05")


@case()
def forecast_mase_young(bench: Bench) -> Iterator[Figure]:
    """Errors of the next 6 months where only the last 12 to 30 are known; scaled as
    ever by the whole series, where the seasonal naive forecast has 1.05."""
    if not _has_series():
        return
    for months, target in YOUNG.items():
        series = [
            one._replace(train=one.train[-months:]) for one in _read_series("monthly")
        ]
        forecasts = _forecast(series, MONTHLY, YOUNG_HORIZON).mean
        ours = _mase(series, forecasts, YOUNG_HORIZON)
        yield Figure(f"mase_young_{months}", ours, "MASE", 1.0, f"<= {target}")


@case()
def forecast_intervals(bench: Bench) -> Iterator[Figure]:
    """How far what the intervals cover of the first 12 months is off the middle of its
    target (78 to 84 %, 93 to 97 %), and their score beside AutoETS."""
    if not _has_series():
        return
    series, reference = _read_series("monthly"), _fit_auto_ets(False)
    result = _forecast(series, MONTHLY)
    for percent, (middle, most) in COVERED.items():
        limits = [getattr(result, f"{side}_{percent}") for side in ("low", "high")]
        covered, score = _score_intervals(series, *limits, percent)
        say(f"{percent} % intervals cover {covered:.1f} %")
        off = abs(covered - middle)
        yield Figure(f"interval_{percent}_off", off, "points", most, "<= 1")
        if reference is not None:
            limits = [
                [one[f"{side}-{percent}"] for one in reference] for side in ("lo", "hi")
            ]
            covered, theirs = _score_intervals(series, *limits, percent)
            say(f"{percent} % intervals of AutoETS cover {covered:.1f} %")
            yield Figure(f"interval_{percent}_score", score, "MSIS", theirs, "<= 1.05")


@case()
def forecast_probability(bench: Bench) -> Iterator[Figure]:
    """Brier score of the probability that months 1, 3, 6 and 12 reach 3 % more than a
    year before; and that the first 12 months do so together, told when so many of them
    are known. The score of always saying how often it happens is printed."""
    if not _has_series():
        return
    series = _read_series("monthly")
    result = _forecast(series, MONTHLY, HORIZON)
    goal = GROWTH * np.array([one.train[-MONTHLY:] for one in series])
    came = np.array([one.test[:HORIZON] for one in series])
    months = np.array(MONTHS_JUDGED) - 1
    said = result.probability_at_least(goal)[:, months]
    yield _make_brier("brier_growth", said, (came >= goal)[:, months])
    said = np.stack([_say_year(series, known) for known in MONTHS_JUDGED], 1)
    happened = came.sum(axis=1) >= goal.sum(axis=1)
    happened = np.repeat(happened[:, None], len(months), axis=1)
    yield _make_brier("brier_year", said, happened)


def _say_year(series: list[Series], known: int) -> np.ndarray:
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
    said = result.totals.share_below((result.mean.sum(axis=1) - left)[:, None])[:, -1]
    happened = np.array([one.test[: HORIZON - known].sum() for one in later]) >= left
    say(f"Brier of the year after {known}: {np.mean((said - happened) ** 2):.3f}")
    return said


def _make_brier(name: str, said: np.ndarray, happened: np.ndarray) -> Figure:
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

    trains = [one.train[-POINTS:] for one in _read_series("monthly")]
    trains = [train for train in trains if len(train) == POINTS]
    sample = trains[:ETS_SAMPLE]
    answer = auto_ets(sample, [HORIZON] * len(sample), MONTHLY)
    values = np.resize(np.array(trains), (MANY, POINTS))
    runs = []
    for _turn in range(bench.repeat):
        start = time.process_time()
        forecast(values, horizon=HORIZON, season_length=MONTHLY)
        runs.append(time.process_time() - start)
    if answer:
        theirs, seconds = answer[1] / len(sample) * MANY, statistics.median(runs)
        yield Figure("forecast_vs_autoets_cpu", seconds, "s", theirs, "<= 0.01")


@case("engine")
def analyse(bench: Bench) -> Iterator[Figure]:
    """Ten thousand KPIs with three years of months, chunk by chunk as the job does.

    The functions are what a run spends in ``analytics.judged.analyse``.
    """
    from odoo.addons.kpi_tracking_analytics.models import kpi_predictive_analytics
    from odoo.addons.kpi_tracking_analytics.models.kpi_job import CHUNK

    env = bench.env
    logins = [f"seller_{number}" for number in range(USERS)]
    users = env["res.users"].create([{"name": name, "login": name} for name in logins])
    kpis = track(env, DEFINITIONS, "Analysed", aggregation_time="sum")
    definitions = kpis.definition_id
    definitions._track_for("user", users, company_id=env.company.id)
    fill_months(env, definitions, MONTHS)
    env.cr.commit()
    kpis = definitions.report_ids
    analytics = env["kpi.predictive.analytics"]
    few, chunk = (
        count_statements(env, lambda count=count: analytics._analyse(kpis[:count]))
        for count in (FEW, CHUNK)
    )
    yield Figure("analyse_statements", chunk, "queries", few, "<= 1")
    env["kpi.predictive.point"].search([]).unlink()
    analytics.search([]).unlink()
    spent = []
    pure = kpi_predictive_analytics.analyse

    def watched(*arguments: Any) -> Any:
        found: list = []
        spent.append(timeit(lambda: found.append(pure(*arguments)), number=1))
        return found[0]

    def run() -> None:
        for at in range(0, len(kpis), CHUNK):
            analytics._analyse(kpis[at : at + CHUNK])
            env.cr.commit()

    with patch.object(kpi_predictive_analytics, "analyse", watched):
        whole = timeit(run, number=1)
    yield Figure("analyse_vs_functions", whole, "s", sum(spent), "<= 3")
