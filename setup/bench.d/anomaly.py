"""Odd values: labelled streams, months with planted spikes, and generated families.

Alarms in streams are scored as the Numenta Anomaly Benchmark does it: Lavin & Ahmad
2015, "Evaluating Real-time Anomaly Detection Algorithms", ICMLA, 38–44. The first alarm
in a window earns up to 1, the more the earlier; one outside costs up to 0.11, less just
after a window; a window without alarm costs 1 (the standard profile). The score is 100
for a perfect detector and 0 for one that never raises an alarm.

Reads the folders ``anomaly`` and ``forecast`` of the data sets that KPI_DATA names
(default ../shared/data); what is not there is skipped by name.
"""

import csv
import json
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from _harness import DATA, Bench, Figure, case

LEAST_SCORE = 50
LEAST_BETWEEN, LEAST_BETWEEN_IN_FILE = 1000, 500  # rows for each false run
MAD_WINDOW, MAD_LIMIT = 288, 3.0
FALSE_ALARM = 0.11
PROBATION_SHARE, MOST_PROBATION = 0.15, 750  # rows in which nothing is scored
MERGED_SHARE = 0.01  # of the series: alarms closer than this are one run
DAY = 86_400e6  # microseconds

MONTHS, SEASON = 60, 12
SPIKE_AT = 49
BETWEEN = 200  # values for each false alarm
RARE = 59
Z_WINDOW = 24
FOUND = {3: 0.58, 4: 0.78}  # share of the spikes of so many seasonal naive errors

SERIES, SEED = 400, 99
STEPS, STEP_AT, STEP_MONTHS = (3, 4, 5), 48, 3

Window = tuple[int, int]


@dataclass(frozen=True)
class LabelledStream:
    """A file of the benchmark.

    :ivar windows: first and last row of each anomaly, in order
    :ivar day: rows a day
    """

    values: np.ndarray
    windows: list[Window]
    day: int


@dataclass(frozen=True)
class Score:
    """Score of the alarms in one file, not normalised."""

    raw: float
    windows: int
    rows: int
    false_runs: int


def read_streams(folder: Path) -> list[LabelledStream]:
    """The labelled files of a folder."""
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return [_read(folder / name, label) for name, label in sorted(labels.items())]


def _read(path: Path, label: dict) -> LabelledStream:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    times = np.array([row["timestamp"] for row in rows], "datetime64[us]")
    windows = []
    for first, last in np.array(label["windows"], "datetime64[us]").reshape(-1, 2):
        inside = np.flatnonzero((times >= first) & (times <= last))
        windows.append((int(inside[0]), int(inside[-1])))
    values = np.array([float(row["value"]) for row in rows])
    gap = float(np.median(np.diff(times).astype(float)))
    return LabelledStream(values, windows, round(DAY / gap))


def score(stream: LabelledStream, alarms: Sequence[int]) -> Score:
    """Score of the rows of a file in which there was an alarm, ascending."""
    rows = len(stream.values)
    probation = min(int(PROBATION_SHARE * rows), MOST_PROBATION)
    raw, false_runs = 0.0, 0
    hit: set[Window] = set()
    previous = -math.inf
    for alarm in alarms:
        is_same_run = alarm - previous <= MERGED_SHARE * rows
        previous = alarm
        inside = [each for each in stream.windows if each[0] <= alarm <= each[1]]
        if is_same_run or alarm < probation or hit.intersection(inside):
            continue
        if inside:
            hit.add(inside[0])
            raw += _reward(alarm, inside[0])
        else:
            false_runs += 1
            raw += FALSE_ALARM * _penalty(alarm, stream.windows)
    missed = len(stream.windows) - len(hit)
    return Score(raw - missed, len(stream.windows), rows, false_runs)


def normalise(scores: Iterable[Score]) -> float:
    """Score of all files together, between the null and the perfect detector."""
    scores = list(scores)
    windows = sum(one.windows for one in scores)
    return 100 * (sum(one.raw for one in scores) + windows) / (2 * windows)


def _reward(row: int, window: Window) -> float:
    width = window[1] - window[0] + 1
    return _sigmoid((row - window[1] - 1) / width) / _sigmoid(-1.0)


def _penalty(row: int, windows: list[Window]) -> float:
    before = [window for window in windows if window[1] < row]
    if not before:
        return -1.0
    first, last = before[-1]
    return _sigmoid((row - last) / (last - first))


def _sigmoid(position: float) -> float:
    """From 1 far before the end of a window over 0 there to −1."""
    return -1.0 if position > 3 else 2 / (1 + math.exp(5 * position)) - 1


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


@case()
def families(bench: Bench) -> Iterator[Figure]:
    """Five years of generated months: false alarms, and lasting steps of deviations.

    A step counts as found by an alarm within three months, beside a z-score with as
    many false alarms. The constants of the detector were tuned on others, with
    a look at these.
    """
    from odoo.addons.kpi_tracking_analytics.analytics.anomaly import KINDS, detect

    for place, (name, draw) in enumerate(FAMILIES.items()):
        values = draw(np.random.default_rng([SEED, place]))
        found = detect(values, season_length=SEASON)
        rate = (found.kind > 0).sum() / (~np.isnan(found.margin)).sum()
        yield Figure(f"{name}_between_alarms", 1 / rate, "values", 100, ">= 1")
        yield Figure(f"{name}_between_alarms_most", 1 / rate, "values", 400, "<= 1")
        limit = np.nanquantile(_z_score(values), 1 - rate)
        after = slice(STEP_AT, STEP_AT + STEP_MONTHS)
        for size in STEPS:
            stepped = values.copy()
            stepped[:, STEP_AT:] += size * DEVIATIONS.get(name, 1.0)
            kind = detect(stepped, season_length=SEASON).kind[:, after]
            ours = (kind > 0).any(axis=1).mean()
            by_z = (_z_score(stepped)[:, after] > limit).any(axis=1).mean()
            yield Figure(f"{name}_steps_of_{size}_vs_z", ours, "found", by_z, ">= 1")
            named = (kind == KINDS.index("level_shift")).any(axis=1).mean()
            yield Figure(f"{name}_steps_of_{size}_named", named, "of found", ours)


def _autoregressive(rng: np.random.Generator, share: float) -> np.ndarray:
    """Values of deviation 1 that keep a share of the one before."""
    values = rng.normal(size=(SERIES, MONTHS))
    for month in range(1, MONTHS):
        values[:, month] *= math.sqrt(1 - share**2)
        values[:, month] += share * values[:, month - 1]
    return values


def _noise(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(SERIES, MONTHS))


def _seasonal(rng: np.random.Generator) -> np.ndarray:
    season = 3 * rng.normal(size=(SERIES, SEASON))
    return np.tile(season, MONTHS // SEASON) + _noise(rng)


SHAPE = (SERIES, MONTHS)
FAMILIES = {
    "white": _noise,
    "ar_5": lambda rng: _autoregressive(rng, 0.5),
    "ar_9": lambda rng: _autoregressive(rng, 0.9),
    "trend": lambda rng: _noise(rng) + 0.1 * np.arange(MONTHS),
    "season": _seasonal,
    "laplace": lambda rng: rng.laplace(size=SHAPE),
    "t_3": lambda rng: rng.standard_t(3, size=SHAPE),
    "lognormal": lambda rng: rng.lognormal(size=SHAPE),
    "poisson_0_3": lambda rng: rng.poisson(0.3, size=SHAPE).astype(float),
    "poisson_4": lambda rng: rng.poisson(4, size=SHAPE).astype(float),
}
DEVIATIONS = {  # of the families whose standard deviation is not 1
    "laplace": math.sqrt(2),
    "t_3": math.sqrt(3),
    "lognormal": math.sqrt((math.e - 1) * math.e),
    "poisson_0_3": math.sqrt(0.3),
    "poisson_4": 2.0,
}


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
    with np.errstate(invalid="ignore", divide="ignore"):  # of what never moved
        scores[:, Z_WINDOW:] = distance / windows.std(axis=2, ddof=1)
    return scores
