"""Units of a company against benchmarks: a score, a summary, what to look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import mean


@dataclass(frozen=True)
class Benchmark:
    """What others reach in one measure.

    :ivar middle: their usual value
    :ivar best: what the best reach; below ``middle`` where less is better
    :ivar source: who says so, and of when
    """

    measure: str
    middle: float
    best: float
    source: str = ""


@dataclass(frozen=True)
class UnitPerformance:
    """A unit over all measures.

    :ivar score: mean position × 100, 0 to 100; None = nothing to compare
    :ivar ahead, behind: measures above and below the middle, farthest first
    """

    unit: str
    score: float | None
    ahead: tuple[str, ...]
    behind: tuple[str, ...]


class PerformanceTracker:
    """Compares units such as teams or regions with benchmarks."""

    def __init__(self, benchmarks: Iterable[Benchmark]) -> None:
        self.benchmarks = {one.measure: one for one in benchmarks}

    def track_performance(
        self, values: Mapping[str, Mapping[str, float | None]]
    ) -> list[UnitPerformance]:
        """Performance of each unit, best score first.

        :param values: by unit and measure; None = no value. Measures without a
            benchmark are left out
        """
        units = [self._compare(unit, known) for unit, known in values.items()]
        return sorted(
            units, key=lambda one: (one.score is None, -(one.score or 0), one.unit)
        )

    def _compare(
        self, unit: str, values: Mapping[str, float | None]
    ) -> UnitPerformance:
        found = {
            measure: position(values.get(measure), mark)
            for measure, mark in self.benchmarks.items()
        }
        known = {name: place for name, place in found.items() if place is not None}
        order = sorted(known, key=known.__getitem__)
        return UnitPerformance(
            unit,
            100 * mean(known.values()) if known else None,
            tuple(one for one in reversed(order) if known[one] > 0.5),
            tuple(one for one in order if known[one] < 0.5),
        )


def position(value: float | None, benchmark: Benchmark) -> float | None:
    """Where a value lies: 0.5 = at the middle, 1 = at the best, 0 = as far below the
    middle as the best are above; None without a value."""
    span = benchmark.best - benchmark.middle
    if value is None or not span:
        return None
    return min(max(0.5 + (value - benchmark.middle) / (2 * span), 0.0), 1.0)
