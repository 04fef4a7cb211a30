"""Series of the forecasting competitions in ``KPI_DATA``, and how forecasts score."""

import csv
import os
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data", "forecast")
SEASONS = {"monthly": 12, "quarterly": 4, "weekly": 52, "hourly": 24, "daily": 7}


class Series(NamedTuple):
    """What is known, what came then, and the error of the seasonal naive forecast.

    :ivar train, test: oldest first
    :ivar scale: mean absolute difference to the season before in all that is known
    """

    train: np.ndarray
    test: np.ndarray
    scale: float


@cache
def read_series(name: str) -> list[Series]:
    """The series of a file, such as ``monthly``."""
    parts: dict[str, tuple[list[float], list[float]]] = {}
    with open(FOLDER / f"{name}.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            train, test = parts.setdefault(row["series_id"], ([], []))
            (test if row["part"] == "test" else train).append(float(row["value"]))
    return [
        make_series(np.array(train), np.array(test), SEASONS[name])
        for train, test in parts.values()
    ]


def make_series(train: np.ndarray, test: np.ndarray, season_length: int) -> Series:
    differences = train[season_length:] - train[:-season_length]
    return Series(train, test, float(np.abs(differences).mean()))


def held_back(series: Iterable[Series], season_length: int) -> list[Series]:
    """The same with one horizon less known: its last part is to be forecast."""
    return [
        make_series(
            one.train[: -len(one.test)], one.train[-len(one.test) :], season_length
        )
        for one in series
    ]


def as_matrix(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Series that end together, one per row; NaN before they start."""
    periods = max(map(len, rows))
    matrix = np.full((len(rows), periods), np.nan)
    for number, row in enumerate(rows):
        matrix[number, periods - len(row) :] = row
    return matrix


def mase(series: Sequence[Series], forecasts: Iterable, periods: int = 0) -> float:
    """Mean absolute scaled error (Hyndman & Koehler 2006), mean over the series.

    :param forecasts: at least as long as each test part
    :param periods: only the first ones; 0 for all
    """
    errors = []
    for one, forecast in zip(series, forecasts, strict=True):
        test = one.test[: periods or None]
        errors.append(np.abs(test - forecast[: len(test)]).mean() / one.scale)
    return float(np.mean(errors))


def interval_scores(
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


def naive(one: Series) -> np.ndarray:
    return np.repeat(one.train[-1], len(one.test))


def seasonal_naive(one: Series, season_length: int) -> np.ndarray:
    return np.resize(one.train[-season_length:], len(one.test))
