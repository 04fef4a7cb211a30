"""Scoring of alarms in streams as the Numenta Anomaly Benchmark does it.

Lavin & Ahmad 2015, "Evaluating Real-time Anomaly Detection Algorithms", ICMLA, 38–44.
The first alarm in a window earns up to 1, the more the earlier; one outside costs up to
0.11, less just after a window; a window without alarm costs 1 (the standard profile).
The score is 100 for a perfect detector and 0 for one that never raises an alarm.
"""

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

FALSE_ALARM = 0.11
PROBATION_SHARE, MOST_PROBATION = 0.15, 750  # rows in which nothing is scored
MERGED_SHARE = 0.01  # of the series: alarms closer than this are one run
DAY_SECONDS = 86_400

Window = tuple[int, int]


@dataclass(frozen=True)
class LabelledStream:
    """A file of the benchmark.

    :ivar windows: first and last row of each anomaly, in order
    :ivar day: rows a day
    """

    name: str
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
    times = [datetime.fromisoformat(row["timestamp"]) for row in rows]
    gaps = [
        (later - earlier).total_seconds()
        for earlier, later in zip(times, times[1:], strict=False)
    ]
    windows = []
    for ends in label["windows"]:
        first, last = map(datetime.fromisoformat, ends)
        inside = [place for place, time in enumerate(times) if first <= time <= last]
        windows.append((inside[0], inside[-1]))
    values = np.array([float(row["value"]) for row in rows])
    day = round(DAY_SECONDS / float(np.median(gaps)))
    return LabelledStream(path.name, values, windows, day)


def merge(alarms: Iterable[int], rows: int) -> list[int]:
    """First row of each run of alarms."""
    starts: list[int] = []
    last = -math.inf
    for alarm in alarms:
        if alarm - last > MERGED_SHARE * rows:
            starts.append(int(alarm))
        last = alarm
    return starts


def score(stream: LabelledStream, alarms: Sequence[int]) -> Score:
    """Score of the rows of a file in which there was an alarm, ascending."""
    rows = len(stream.values)
    probation = min(int(PROBATION_SHARE * rows), MOST_PROBATION)
    raw, false_runs = 0.0, 0
    hit: set[Window] = set()
    for start in merge(alarms, rows):
        inside = [
            window for window in stream.windows if window[0] <= start <= window[1]
        ]
        if start < probation or (inside and inside[0] in hit):
            continue
        if inside:
            hit.add(inside[0])
            raw += _reward(start, inside[0])
        else:
            false_runs += 1
            raw += FALSE_ALARM * _penalty(start, stream.windows)
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
