"""Odd values: months with planted spikes, and how often others are called odd.

Reads the folder ``forecast`` of the data sets that KPI_DATA names (default
../shared/data); what is not there is skipped by name.
"""

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from _harness import HERE, Bench, Figure, case

DATA = Path(os.environ.get("KPI_DATA") or HERE.parents[1].parent / "shared" / "data")
MONTHS, SEASON = 60, 12
SPIKE_AT = 49
BETWEEN = 200  # values for each false alarm
RARE = 59
Z_WINDOW = 24
FOUND = {3: 0.58, 4: 0.78}  # share of the spikes of so many seasonal naive errors


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
