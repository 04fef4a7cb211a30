"""Whether a KPI goes by weekday, by week of the month or by month of the year.

Periods are compared within blocks (a week, a month, a year), each without its own
trend. What chance gives is measured by turning the blocks against each other, each as a
whole, so that neighbours stay neighbours (toroidal shifts, Besag & Diggle 1977, Applied
Statistics 26, 327–333); of several patterns that are tried, the limits follow Holm
(1979, Scandinavian Journal of Statistics 6, 65–70).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

LIMIT = 0.02  # chance of a pattern where there is none, as far as turns measure it
TURNS = 1999
LEAST_BLOCKS = {"weekday": 8, "week_of_month": 8, "month": 3}
WEEK, WEEKS = 7, 4  # days of a week of the month; the last one has the rest
# Grain → what can be seen in it: kinds, with the number of places of a block.
KINDS = {
    "day": {"weekday": 7, "week_of_month": WEEKS, "month": 12},
    "week": {"week_of_month": WEEKS, "month": 12},
    "month": {"month": 12},
}


@dataclass(frozen=True)
class Pattern:
    """Places of a block that differ by more than chance.

    :ivar kind: weekday (0 = Monday), week_of_month or month (0 = January)
    :ivar effects: place → mean distance from the mean of its block, in the KPI's unit
    :ivar blocks: how many were compared
    :ivar chance: by which turned blocks differ as much, after Holm; 0–1
    """

    kind: str
    effects: dict[int, float]
    blocks: int
    chance: float


def find_patterns(
    grain: str, starts: Sequence[date], values: np.ndarray
) -> list[Pattern]:
    """Patterns of closed periods, the surest first; none where chance explains them.

    :param starts: first days, oldest first, without gaps
    :param values: shape (periods,); NaN = no data
    """
    tried = []
    is_known = np.isfinite(values)
    values = values[is_known]
    days = [start for start, known in zip(starts, is_known, strict=True) if known]
    ordinals = np.array([day.toordinal() for day in days], float)
    for kind, count in KINDS.get(grain, {}).items() if days else ():
        located = [locate(kind, day) for day in days]
        firsts = [first.toordinal() for first, _place in located]
        _known, blocks = np.unique(firsts, return_inverse=True)
        places = np.array([place for _first, place in located])
        has = np.zeros((blocks.max() + 1, count), bool)
        has[blocks, places] = True
        # Weekdays without values, as of who works Monday to Friday, are no places; a
        # block that lacks a value in another one is left out.
        is_place = has.mean(axis=0) > 0.5
        is_whole = has[:, is_place].all(axis=1)
        if is_place.sum() < 2 or is_whole.sum() < LEAST_BLOCKS[kind]:
            continue
        used = is_place[places] & is_whole[blocks]
        off, rest = _compare(blocks[used], places[used], ordinals[used], values[used])
        means = zip(np.flatnonzero(is_place).tolist(), off.mean(axis=0), strict=True)
        effects = {place: float(mean) for place, mean in means}
        tried.append(Pattern(kind, effects, len(off), _measure_chance(rest)))
    found: list[Pattern] = []
    for place, each in enumerate(sorted(tried, key=lambda one: one.chance)):
        chance = each.chance * (len(tried) - place)
        if chance > LIMIT:
            break
        found.append(Pattern(each.kind, each.effects, each.blocks, chance))
    return found


def locate(kind: str, day: date) -> tuple[date, int]:
    """First day of the block of a day, and its place there."""
    if kind == "weekday":
        return day - timedelta(days=day.weekday()), day.weekday()
    if kind == "month":
        return day.replace(month=1, day=1), day.month - 1
    return day.replace(day=1), min((day.day - 1) // WEEK, WEEKS - 1)


def _compare(
    blocks: np.ndarray, places: np.ndarray, days: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How far values are from the mean of their block, without the trend of all blocks,
    and from the straight line of their own.

    :return: two arrays of means, shape (blocks, places)
    """

    def spread(numbers: np.ndarray) -> np.ndarray:
        """To each value the sum of its block."""
        return np.bincount(blocks, numbers)[blocks]

    def average(numbers: np.ndarray) -> np.ndarray:
        cells = rows * len(known) + columns
        means = np.bincount(cells, numbers) / np.bincount(cells)
        return means.reshape(-1, len(known))

    _known, rows = np.unique(blocks, return_inverse=True)
    known, columns = np.unique(places, return_inverse=True)
    size = spread(np.ones(len(values)))
    at = days - spread(days) / size
    off = values - spread(values) / size
    slopes = spread(at * off) / spread(at * at)
    trend = np.polyfit(days - days[0], values, 1)[0]
    return average(off - trend * at), average(off - slopes * at)


def _measure_chance(rest: np.ndarray) -> float:
    """Share of turns in which the places differ as much as they do."""
    blocks, count = rest.shape
    rng = np.random.default_rng(0)
    turns = rng.integers(count, size=(TURNS, blocks, 1))
    order = (np.arange(count) + turns) % count
    turned = np.take_along_axis(rest[None], order, axis=2).mean(axis=1)
    size = (rest.mean(axis=0) ** 2).sum()
    as_large = ((turned**2).sum(axis=1) >= size * (1 - 1e-9)).sum()
    return float((1 + as_large) / (1 + TURNS))
