"""Changes of a KPI between two periods, and what they are split into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

import numpy as np

from odoo.addons.kpi_base.engine.periods import Period

from ..analytics.explain import close_parts

# in the first of these that there are, changes and sums are split
FINEST_LAST = ("department", "team", "user")
NEAR = 1e-9  # what values may differ by that were added up in another order


class UnsplitChange(Exception):
    """A change that cannot be split in a way: a sentence that says why."""


@dataclass(frozen=True)
class Reading:
    """Value of a KPI in a period.

    :param weight: how many records, or what else, it is the average of; None = none
    :param method: the definition as it is computed there
    """

    period: Period
    label: str
    value: float | None
    weight: float | None
    method: Any


@dataclass(frozen=True)
class Move:
    """Change of a KPI between two periods, beside its usual ones.

    :param ratio: the change in multiples of the usual one, with its sign; infinite
        after none at all, None where nobody can say
    :param seam: whether the two values are computed in two ways
    :param is_running: whether the second period has not ended
    :param is_comparable: whether it is comparable with a whole one nevertheless
    """

    before: Reading
    after: Reading
    ratio: float | None = None
    is_unusual: bool = False
    seam: bool = False
    is_running: bool = False
    is_comparable: bool = True

    @property
    def change(self) -> float | None:
        if not self.is_comparable:
            return None
        values = self.before.value, self.after.value
        return None if None in values else values[1] - values[0]

    @property
    def size(self) -> float:
        """What is small beside it is rounding."""
        return max(abs(self.before.value), abs(self.after.value))


@dataclass(frozen=True)
class Part:
    """Part of a change.

    :param kind: key, scope, rate, mix, input, other or beside
    :param before, after: of the part; None = no value
    :param size: what it adds to the change, in the unit of the KPI
    :param definition: of an input: in whose unit ``before`` and ``after`` are; None =
        in none
    """

    label: str
    kind: str
    before: float | None
    after: float | None
    size: float
    definition: Any = None


@dataclass(frozen=True)
class Way:
    """Way in which changes of a KPI can be split.

    :param key: by which it is chosen: a field, ``scope`` or ``input``
    :param split: ``Move`` → list of ``Part``; raises ``UnsplitChange``
    """

    key: str
    label: str
    split: Callable


def close(parts: list[Part], move: Move) -> list[Part] | None:
    """Those of the parts that are any, largest first; they add up to the change.

    :return: None where they do not, rounding apart
    """
    sizes = np.array([[part.size for part in parts]], float)
    with np.errstate(over="ignore", invalid="ignore"):
        off = abs(sizes.sum() - move.change)
        largest = max(move.size, np.abs(sizes).max(initial=0.0))
    if not off <= NEAR * largest:
        return None
    closed = close_parts(sizes, np.array([move.change]))[0].tolist()
    pairs = zip(parts, closed, strict=True)
    found = [replace(part, size=size) for part, size in pairs if size]
    return sorted(found, key=lambda part: -abs(part.size))


def sum_rests(sizes: list[float]) -> list[float]:
    """What each size and those after it are together; 0 where that is rounding."""
    largest = max(map(abs, sizes), default=0.0)
    rests = [fsum(sizes[at:]) for at in range(len(sizes))]
    return [rest if abs(rest) > NEAR * largest else 0.0 for rest in rests]


def split_remainder(total: float, parts: list[float], size: float) -> float:
    """What ``total`` has beside its parts; 0 where that is rounding.

    :param size: of the numbers involved
    """
    rest = total - float(np.sum(parts)) if parts else total
    return rest if abs(rest) > NEAR * size else 0.0
