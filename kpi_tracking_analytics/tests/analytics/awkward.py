"""Rows of numbers that analyses have to stand."""

import numpy as np

NAN = np.nan
PERIODS = 40
_NOISE = np.random.default_rng(3).normal(size=PERIODS)


def _first(count):
    row = np.full(PERIODS, NAN)
    row[-count:] = 5.0 + np.arange(count)
    return row


ROWS = {
    "constant": np.full(PERIODS, 7.0),
    "zero": np.zeros(PERIODS),
    "nothing": np.full(PERIODS, NAN),
    **{f"{count} points": _first(count) for count in range(1, 6)},
    "gaps": np.where(np.arange(PERIODS) % 3, 20 + _NOISE, NAN),
    "negative": -50 + _NOISE,
    "huge": 1e300 * (1 + 0.01 * _NOISE),
    "huge both ways": 1e300 * _NOISE,
    "largest": np.where(np.arange(PERIODS) % 2, 1.7e308, -1.7e308),
    "subnormal": 5e-324 * np.arange(PERIODS),
    "tiny": 1e-300 * _NOISE,
    "other unit": np.where(np.arange(PERIODS) < 25, 1.0, 1000.0) * (9 + _NOISE),
    "mostly zero": np.where(np.arange(PERIODS) % 9 == 4, 3.0, 0.0),
}
MATRIX = np.array(list(ROWS.values()))
SEAMS = np.zeros(MATRIX.shape, bool)
SEAMS[:, [0, 20, 21, 39]] = True
