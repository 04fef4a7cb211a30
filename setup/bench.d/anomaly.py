"""Odd values: labelled streams, and months with planted spikes.

Reads the folders ``anomaly`` and ``forecast`` of the data sets that KPI_DATA names
(default ../shared/data); what is not there is skipped by name.
"""

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from _harness import HERE, Bench, Figure, case
from _nab import LabelledStream, Score, normalise, read_streams, score

DATA = Path(os.environ.get("KPI_DATA") or HERE.parents[1].parent / "shared" / "data")
LEAST_SCORE = 50
LEAST_BETWEEN, LEAST_BETWEEN_IN_FILE = 1000, 500  # rows for each false run
MAD_WINDOW, MAD_LIMIT = 288, 3.0

MONTHS, SEASON = 60, 12
SPIKE_AT = 49
BETWEEN = 200  # values for each false alarm
RARE = 59
Z_WINDOW = 24
FOUND = {3: 0.58, 4: 0.78}  # share of the spikes of so many seasonal naive errors


@case()
def nab(bench: Bench) -> Iterator[Figure]:
    """Streams of the Numenta Anomaly Benchmark, beside a rolling median."""
    folder = DATA / "anomaly"
    if not folder.is_dir():
        return _skip("nab", folder)
    from odoo.addons.kpi_tracking_analytics.analytics.anomaly import watch

    def ours(stream: LabelledStream) -> np.ndarray:
        return watch(stream.values[None], stream.day).is_odd[0]

    streams = read_streams(folder)
    scores = _score(streams, ours)
    reference = _score(streams, _rolling_mad)
    value = normalise(scores)
    yield Figure("nab_score", value, "points", LEAST_SCORE, ">= 1")
    mad = normalise(reference)
    yield Figure("nab_score_vs_rolling_mad", value, "points", mad, ">= 1")
    between = [_between(scores), _between(reference)]
    yield Figure("nab_between_false_runs", between[0], "rows", LEAST_BETWEEN, ">= 1")
    yield Figure("nab_between_vs_rolling_mad", between[0], "rows", between[1], ">= 1")
    least = min(_between([one]) for one in scores)
    yield Figure("nab_between_in_file", least, "rows", LEAST_BETWEEN_IN_FILE, ">= 1")


@case()
def months(bench: Bench) -> Iterator[Figure]:
    """Five years of 200 series: false alarms, and spikes planted near the end."""
    file = DATA / "forecast" / "monthly.csv"
    if not file.is_file():
        return _skip("months", file)
    from odoo.addons.kpi_tracking_analytics.analytics.anomaly import detect

    def ours(rows: np.ndarray, between: float) -> tuple[np.ndarray, np.ndarray]:
        found = detect(rows, season_length=SEASON, rate=1 / between)
        return found.kind > 0, ~np.isnan(found.margin)

    values = _read_months(file)
    is_odd, is_judged = ours(values, BETWEEN)
    between = is_judged.sum() / is_odd.sum()
    yield Figure("months_between_alarms", between, "values", BETWEEN, ">= 0.665")
    yield Figure("months_between_alarms_most", between, "values", BETWEEN, "<= 1.5")
    is_odd, is_judged = ours(values, RARE)
    between = is_judged.sum() / is_odd.sum()
    yield Figure("months_between_alarms_rare", between, "values", RARE, ">= 1")
    limit = np.nanquantile(_z_score(values), 1 - 1 / RARE)
    for size, share in FOUND.items():
        both = [_plant(values, sign * size) for sign in (1, -1)]
        found = np.mean([ours(rows, RARE)[0][:, SPIKE_AT] for rows in both])
        by_z = np.mean([_z_score(rows)[:, SPIKE_AT] > limit for rows in both])
        yield Figure(f"months_spikes_of_{size}", found, "found", share, ">= 1")
        yield Figure(f"months_spikes_of_{size}_vs_z", found, "found", by_z, ">= 1")


def _skip(name: str, path: Path) -> None:
    print(f"{name}: skipped, {path} is not there: see KPI_DATA.", file=sys.stderr)


def _score(
    streams: list[LabelledStream], is_odd: Callable[[LabelledStream], np.ndarray]
) -> list[Score]:
    return [score(stream, np.flatnonzero(is_odd(stream))) for stream in streams]


def _between(scores: list[Score]) -> float:
    """Rows for each false run; for half a run where there is none."""
    return sum(one.rows for one in scores) / max(
        sum(one.false_runs for one in scores), 0.5
    )


def _rolling_mad(stream: LabelledStream) -> np.ndarray:
    """Values beyond three robust deviations of the window before."""
    values = stream.values
    windows = np.lib.stride_tricks.sliding_window_view(values, MAD_WINDOW)[:-1]
    middle = np.median(windows, axis=1)
    spread = 1.4826 * np.median(np.abs(windows - middle[:, None]), axis=1)
    distance = np.abs(values[MAD_WINDOW:] - middle)
    return np.r_[np.zeros(MAD_WINDOW, bool), distance > MAD_LIMIT * spread]


def _read_months(file: Path) -> np.ndarray:
    """The last values of each series, shape (series, :data:`MONTHS`)."""
    rows = defaultdict(list)
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            rows[row["series_id"]].append(float(row["value"]))
    return np.array([values[-MONTHS:] for values in rows.values()])


def _plant(values: np.ndarray, size: float) -> np.ndarray:
    """The same with a spike of ``size`` mean errors of the seasonal naive forecast."""
    errors = np.abs(values[:, SEASON:] - values[:, :-SEASON]).mean(axis=1)
    planted = values.copy()
    planted[:, SPIKE_AT] += size * errors
    return planted


def _z_score(values: np.ndarray) -> np.ndarray:
    """Distance from the mean of two years in standard deviations."""
    windows = np.lib.stride_tricks.sliding_window_view(values, Z_WINDOW, axis=1)
    windows = windows[:, :-1]
    distance = np.abs(values[:, Z_WINDOW:] - windows.mean(axis=2))
    scores = np.full(values.shape, np.nan)
    scores[:, Z_WINDOW:] = distance / windows.std(axis=2, ddof=1)
    return scores
