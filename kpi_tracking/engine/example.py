"""Values that look like a KPI's, for whoever has none of their own yet."""

from collections.abc import Sequence
from datetime import date
from math import pi
from zlib import crc32

import numpy as np

WAVES = ((12.0, 0.1), (31.0, 0.08))  # months, share of the level
NOISE = 0.05
TOPS = {"percent": 100.0, "score": 5.0}  # by unit


def make_example(
    code: str, level: float, days: Sequence[date], unit: str = "number"
) -> np.ndarray:
    """Invented values of a KPI, the same whenever they are asked for.

    Waves of a year and of a longer time around ``level``, and noise.

    :param code: of the KPI; the values of another one move otherwise
    :param days: first days of periods
    :param unit: of the KPI; percentages below 100 stay below
    :return: a value for each of ``days``, in the unit of ``level``
    """
    months = np.array([12 * day.year + day.month + day.day / 31 for day in days])
    change = np.array([NOISE * (2 * _share(f"{code} {day}") - 1) for day in days])
    for length, size in WAVES:
        phase = _share(f"{code} {length}")
        change += size * np.sin(2 * pi * (months / length + phase))
    top = TOPS.get(unit, np.inf)
    room = 3 * (top / level - 1) if 0 < level < top else 1.0
    return level * (1 + change * min(1.0, room))


def _share(text: str) -> float:
    """A number from 0 to 1, as the text says."""
    return crc32(text.encode()) / 2**32
