"""What is drawn: numbers that say where things lie, texts that say what they are.

Numbers are never formatted here and texts never computed: whoever makes a payload knows
the reader's language, currency and zone. ``None`` is a missing number: a gap, not 0.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from odoo.addons.kpi_tracking.engine.gauge.geometry import Scale
from odoo.addons.kpi_tracking.engine.gauge.zones import Zone

CHART_SIZE = (400.0, 220.0)


class PayloadError(ValueError):
    """Something that cannot be drawn; the text says what."""


@dataclass(frozen=True)
class Mark:
    """A number beside the scale of a gauge, or a level across a chart.

    :param kind: ``target``, ``baseline`` or ``whole`` (the target of the whole period)
    """

    kind: str
    value: float
    text: str = ""


@dataclass(frozen=True)
class GaugeTile:
    """A value on a scale.

    :param style: ``circular``, ``linear``, ``speedometer`` or ``thermometer``
    :param low, high: both ends of the scale
    :param number, unit: the value as it is read; shown apart
    :param status: its word, and ``tone``, the name of its colour
    :param is_running: whether its period still runs
    """

    title: str
    style: str
    low: float
    high: float
    value: float | None
    number: str
    unit: str = ""
    zones: tuple[Zone, ...] = ()
    marks: tuple[Mark, ...] = ()
    low_text: str = ""
    high_text: str = ""
    status: str = ""
    tone: str = ""
    is_running: bool = False

    def __post_init__(self) -> None:
        numbers = [self.low, self.high, *(mark.value for mark in self.marks)]
        _check_finite(self.title, [*numbers, self.value])
        if not self.low < self.high:
            raise PayloadError(f"{self.title}: the scale ends where it starts.")

    @property
    def scale(self) -> Scale:
        return Scale(self.low, self.high)


@dataclass(frozen=True)
class Expected:
    """What is expected of the last period, while it runs, and of those to come.

    :param values, lows, highs: one more than there are coming periods; None where
        nothing is expected, or its limits are unknown
    :param texts: of the values with their limits
    """

    values: tuple[float | None, ...]
    lows: tuple[float | None, ...]
    highs: tuple[float | None, ...]
    texts: tuple[str, ...] = ()

    def numbers(self) -> Iterator[float]:
        """All known numbers."""
        for numbers in (self.values, self.lows, self.highs):
            yield from (number for number in numbers if number is not None)


@dataclass(frozen=True)
class Series:
    """A series: one number for each category.

    :param texts: of the numbers, where they are shown
    :param expected: how it goes on; None where it ends
    :param statuses: of the numbers: ``on_target`` …
    """

    name: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...] = ()
    expected: Expected | None = None
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChartTile:
    """Courses over categories, such as periods; oldest first.

    :param series: each as long as ``categories``
    :param targets: one level per category, None where there is none
    :param target_text: what stands at the end of their line
    :param ticks: numbers of the scale with their texts, lowest first; they say how far
        it goes
    :param is_running: whether the last period still runs
    :param size: width and height without the names of series
    :param coming: further categories, of which series have no numbers yet
    :param coming_text: what is written over them
    :param has_periods: whether categories are periods
    """

    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    ticks: tuple[tuple[float, str], ...] = ()
    targets: tuple[float | None, ...] = ()
    target_text: str = ""
    is_running: bool = False
    size: tuple[float, float] = CHART_SIZE
    coming: tuple[str, ...] = ()
    coming_text: str = ""
    has_periods: bool = True

    def __post_init__(self) -> None:
        for series in self.series:
            expected, count = series.expected, len(self.coming) + 1
            if expected and {
                len(expected.values),
                len(expected.lows),
                len(expected.highs),
            } != {count}:
                raise PayloadError(
                    f"{self.title}: {series.name} needs {count} expected numbers."
                )
            if len(series.values) != len(self.categories):
                raise PayloadError(
                    f"{self.title}: {series.name} has {len(series.values)} numbers for"
                    f" {len(self.categories)} categories."
                )
        if self.targets and len(self.targets) != len(self.categories):
            raise PayloadError(f"{self.title}: a target is missing for a category.")
        _check_finite(self.title, [*self.numbers(), *(t for t, _text in self.ticks)])

    def numbers(self) -> Iterator[float]:
        """All known numbers of series, of what is expected of them and of targets."""
        for values in (*(series.values for series in self.series), self.targets):
            yield from (value for value in values if value is not None)
        for series in self.series:
            if series.expected:
                yield from series.expected.numbers()


@dataclass(frozen=True)
class Part:
    """A part of a whole, a step of a funnel or a change of a waterfall.

    :param text: the number as it is read
    :param is_total: of a waterfall: stands on zero instead of on the parts before
    """

    name: str
    value: float
    text: str
    is_total: bool = False


@dataclass(frozen=True)
class PartsTile:
    """Parts in the order in which they are drawn.

    :param size: width and height, of a waterfall
    :param direction: of the KPI, which says whether a change is good; empty = unknown
    """

    title: str
    parts: tuple[Part, ...]
    size: tuple[float, float] = CHART_SIZE
    direction: str = ""

    def __post_init__(self) -> None:
        _check_finite(self.title, [part.value for part in self.parts])


def _check_finite(title: str, numbers: Sequence[float | None]) -> None:
    for number in numbers:
        if number is not None and not math.isfinite(number):
            raise PayloadError(f"{title}: {number} is not a number that can be drawn.")
