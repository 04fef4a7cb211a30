"""Advice: how often suggested targets are reached, how good chances of a fall are, how
often levers that mean nothing are accepted.

The series are ``forecast/monthly.csv`` and ``marketing/robyn_weekly_spend.csv`` of the
data sets that KPI_DATA names.
"""

import csv
from collections.abc import Iterator

import numpy as np

from _harness import DATA, Bench, Figure, case
from forecast import MONTHLY, Series, _has_series, _read_series
from installer import say

SETS, LEVERS = 50, 6
WEEKS = 52
BEHIND = 24  # months of which those near the target would be at risk


@case()
def advice_targets(_bench: Bench) -> Iterator[Figure]:
    """How far the shares of the monthly series that reach a target of 50 % and a
    stretch of 25 % are off, of higher and lower ones the worse; in the next month but
    one, as advice is for the period after the running one."""
    from odoo.addons.kpi_tracking_analytics.analytics.forecast import forecast
    from odoo.addons.kpi_tracking_language.engine.advice import suggest_targets

    if not _has_series():
        return
    series = _read_series("monthly")
    made = forecast(_stack(series), horizon=2, season_length=MONTHLY)
    came = np.array([known.test[1] for known in series])
    off = []
    for direction, side in (("higher", 1), ("lower", -1)):
        limits = suggest_targets(made, np.full(len(series), direction), 1)
        shares = [100 * np.mean(side * came >= side * limit) for limit in limits]
        off.append(np.abs(np.array(shares) - (50, 25)))
    target, stretch = np.max(off, axis=0)
    yield Figure("advice_target_off", target, "points", 7, "<= 1")
    yield Figure("advice_stretch_off", stretch, "points", 7, "<= 1")


def _stack(series: list[Series]) -> np.ndarray:
    """What is known, one row per series; NaN before its first month."""
    longest = max(len(known.train) for known in series)
    rows = np.full((len(series), longest), np.nan)
    for row, known in zip(rows, series, strict=True):
        row[longest - len(known.train) :] = known.train
    return rows


@case()
def advice_risk(_bench: Bench) -> Iterator[Figure]:
    """Brier score of the chance that the next month is below a target that the latest
    one has reached, beside that of the share of earlier such falls."""
    from odoo.addons.kpi_tracking_analytics.analytics.forecast import forecast
    from odoo.addons.kpi_tracking_language.engine.advice import measure_risk

    if not _has_series():
        return
    series = _read_series("monthly")
    made = forecast(_stack(series), horizon=1, season_length=MONTHLY)
    ours, theirs = [], []
    for row, known in enumerate(series):
        values = known.train
        target = float(np.median(values[-BEHIND:]))
        if values[-1] < target:
            continue
        shift = float(made.mean[row, 0]), 1.0
        risk = measure_risk(made, row, 0, shift, lambda each, t=target: each < t, 0)
        is_on = values[:-1] >= target
        usual = float((values[1:] < target)[is_on].mean()) if is_on.any() else 0.5
        fell = known.test[0] < target
        ours.append((risk - fell) ** 2)
        theirs.append((usual - fell) ** 2)
    yield Figure("advice_risk_brier", np.mean(ours), "", np.mean(theirs), "<= 1")


@case()
def advice_levers(_bench: Bench) -> Iterator[Figure]:
    """Of 50 sets of six random walks how many are accepted as levers of revenue."""
    from odoo.addons.kpi_tracking_language.engine.levers import judge_levers

    file = DATA / "marketing" / "robyn_weekly_spend.csv"
    if not file.is_file():
        say(f"skipped: {file} is not there, see KPI_DATA")
        return
    with file.open(encoding="utf-8") as lines:
        revenue = np.array([float(row["revenue"]) for row in csv.DictReader(lines)])
    rng = np.random.default_rng(1)
    walks = rng.normal(size=(SETS, LEVERS, len(revenue))).cumsum(axis=2)
    accepted = sum(
        any(verdict.is_real for verdict in judge_levers(revenue, each, WEEKS))
        for each in walks
    )
    yield Figure("advice_walks_accepted", accepted, "sets", 1, "<= 1")
