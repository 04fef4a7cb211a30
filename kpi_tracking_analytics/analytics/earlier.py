"""What analyses would have said on earlier days, by what was known on each of them.

The numbers are judged by the functions that judge those of today, see :mod:`.judged`,
and nothing is seen of what became known later::

    earlier = Earlier(series, question, changes, find_window)
    for day, courses in list_courses(earlier, steps):
        courses[row].course

Steps are days with the rows looked at on each: all those of which a period closed or a
value changed, and any others.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from odoo.addons.kpi_base.engine.periods import Period
from odoo.addons.kpi_tracking.engine.series import Series
from odoo.addons.kpi_tracking.engine.targets import Targets

from .anomaly import Detection, Event
from .forecast import Forecast
from .forecast.detection import YOUNG
from .forecast.result import join_rows, take_rows
from .judged import (
    Question,
    count_known,
    detect_unusual,
    forecast_past,
    list_unusual,
    look_on,
    take_past,
)
from .summary import find_course

# grain → periods whose unusual values are looked for at once, with the history of the
# first of them: what is said of a period depends on later ones of young KPIs alone
AT_ONCE = {"day": 28, "week": 13, "month": 12, "quarter": 4, "year": 5}

Steps = Mapping[date, Sequence[int]]
Change = tuple[int, int, float]  # row, column, value; NaN = it was removed


@dataclass(frozen=True)
class Course:
    """Where a KPI was going.

    :ivar course: 1 = surely better, −1 = surely worse, 0 = neither
    :ivar change: percent, the last three periods against those before; NaN = unknown
    :ivar known_count: closed periods that had a value
    """

    course: int
    change: float
    known_count: int


@dataclass(frozen=True)
class Chance:
    """What a KPI would probably come to in the period that was running.

    :ivar label: where the forecast came from, see :class:`.forecast.Forecast`
    :ivar probability: from 0 to 1, of its target; NaN = unknown
    """

    period: Period
    label: str
    expected: float
    probability: float


class Earlier:
    """KPIs as they were known on earlier days, one after the other.

    :param series: with all periods that are looked at, the coming ones included; what
        it has for values is not read
    :param question: of its KPIs; its day is not read
    :param changes: day → what became known then
    :param find_window: day → first and last day of what an analysis of it reads
    """

    def __init__(
        self,
        series: Series,
        question: Question,
        changes: Mapping[date, Sequence[Change]],
        find_window: Callable[[date], tuple[date, date]],
    ) -> None:
        self.series, self.question, self.changes = series, question, changes
        self.find_window = find_window
        self.values = np.full(series.values.shape, np.nan)
        self._starts = [period.start for period in series.periods]
        self._stops = [period.stop for period in series.periods]
        self._to_come = sorted(changes)

    def move_to(self, day: date) -> None:
        """Learn what became known up to a day, itself included."""
        while self._to_come and self._to_come[0] <= day:
            for row, column, value in self.changes[self._to_come.pop(0)]:
                self.values[row, column] = value

    def count_closed(self, day: date) -> int:
        """How many of all periods had closed."""
        return bisect_right(self._stops, day)

    def take(
        self, rows: Sequence[int], day: date, since: date | None = None
    ) -> tuple[Series, Question]:
        """What an analysis of the day would have been given of some KPIs.

        :param since: with the history that one of this earlier day would have had
        """
        first, last = self.find_window(day)
        if since:
            first, _last = self.find_window(since)
        taken = slice(
            bisect_right(self._stops, first), bisect_right(self._starts, last)
        )
        cells = np.ix_(rows, range(taken.start, taken.stop))
        series = self.series
        return (
            replace(
                series,
                report_ids=[series.report_ids[row] for row in rows],
                periods=series.periods[taken],
                values=self.values[cells],
                weights=series.weights[cells],
                targets=Targets(*(column[cells] for column in series.targets.columns)),
                elapsed=series.elapsed[taken],
                due=series.due[(slice(None), *cells)],
                seams=series.seams[cells],
                achievements=None,
                statuses=series.statuses[cells],
                bands=None,
                is_stretched=None,
            ),
            replace(self.question.take(rows, taken), today=day),
        )


def list_courses(
    earlier: Earlier, steps: Steps
) -> Iterator[tuple[date, dict[int, Course]]]:
    """Days in their order, and where the KPIs looked at were going, by row."""
    for day in sorted(steps):
        earlier.move_to(day)
        rows = sorted(steps[day])
        past, _taken = take_past(*earlier.take(rows, day))
        columns = (*find_course(past), count_known(past))
        said = zip(*(column.tolist() for column in columns), strict=True)
        yield day, {row: Course(*each) for row, each in zip(rows, said, strict=True)}


def list_chances(
    earlier: Earlier, steps: Steps, elapsed_on: Callable[[date], np.ndarray]
) -> Iterator[tuple[date, dict[int, Chance]]]:
    """Days in their order, and what to expect of the periods that were running.

    A forecast is made anew where a closed period has another value, or one has closed;
    between them only the running period goes on.

    :param elapsed_on: day → share of the working time of the running period that had
        passed at its end; shape (KPIs,)
    """
    forecasts: dict[int, Forecast] = {}
    seen: dict[int, int] = {}
    for day in sorted(steps):
        closed = earlier.count_closed(day)
        new = earlier.changes.get(day, ())
        changed = {row for row, column, _value in new if column < closed}
        earlier.move_to(day)
        rows = sorted(steps[day])
        old = [row for row in rows if seen.get(row) != closed or row in changed]
        if old and earlier.question.levels:
            old = list(range(len(earlier.values)))
        if old:
            series, question = earlier.take(old, day)
            past, taken = take_past(series, question)
            odd = detect_unusual(series, question, past, taken)
            made = forecast_past(past, question, odd)
            for place, row in enumerate(old):
                forecasts[row] = take_rows(made, [place])
                seen[row] = closed
        yield day, _expect(earlier, day, rows, forecasts, elapsed_on(day))


def _expect(
    earlier: Earlier,
    day: date,
    rows: list[int],
    forecasts: Mapping[int, Forecast],
    elapsed: np.ndarray,
) -> dict[int, Chance]:
    series, question = earlier.take(rows, day)
    question = replace(question, elapsed=elapsed[rows])
    closed = sum(period.stop <= day for period in series.periods)
    made = join_rows([forecasts[row] for row in rows])
    _result, outlook, _is_planned = look_on(series, question, made, closed)
    period = series.periods[closed]
    return {
        row: Chance(
            period,
            str(made.labels[place]),
            float(outlook.mean[place, 0]),
            float(outlook.probabilities[place, 0]),
        )
        for place, row in enumerate(rows)
    }


@dataclass
class _Stretch:
    """Days on which a KPI is looked at while nothing happens but that periods close.

    :ivar has_begun: whether there had been anything but zeros
    """

    has_begun: bool
    days: list[date] = field(default_factory=list)


def list_events_then(
    earlier: Earlier, steps: Steps
) -> dict[date, dict[int, list[tuple[Event, list[Period]]]]]:
    """Day → row → unusual runs known then, each with the periods that it counts in.

    Several periods are looked at together, as what is said of one does not depend on
    later ones; where a closed period gets another value they are looked at anew.
    """
    found = defaultdict(dict)
    stretches: dict[int, _Stretch] = {}
    for day in sorted(steps):
        _look_at(earlier, stretches, _find_ended(earlier, stretches, day), found)
        earlier.move_to(day)
        closed = earlier.values[:, : earlier.count_closed(day)]
        # a KPI that was nothing but 0 so far has not begun
        begun = (np.nan_to_num(closed) != 0).any(axis=1)
        rows = sorted(steps[day])
        changed = [
            row
            for row in rows
            if row in stretches and stretches[row].has_begun != begun[row]
        ]
        _look_at(earlier, stretches, changed, found)
        for row in rows:
            stretch = stretches.setdefault(row, _Stretch(bool(begun[row])))
            stretch.days.append(day)
    _look_at(earlier, stretches, list(stretches), found)
    return found


def _find_ended(
    earlier: Earlier, stretches: Mapping[int, _Stretch], day: date
) -> list[int]:
    """Rows whose stretches are long enough, or of which a closed period changes."""
    closed = earlier.count_closed(day)
    is_young = (~np.isnan(earlier.values[:, :closed])).sum(axis=1) <= YOUNG[1]
    most = np.where(is_young, 1, AT_ONCE[earlier.question.grain])
    ended = {
        row
        for row, stretch in stretches.items()
        if closed - earlier.count_closed(stretch.days[0]) >= most[row]
    }
    ended.update(
        row
        for row, column, _value in earlier.changes.get(day, ())
        if row in stretches and column < earlier.count_closed(stretches[row].days[-1])
    )
    return sorted(ended)


def _look_at(
    earlier: Earlier,
    stretches: dict[int, _Stretch],
    rows: Sequence[int],
    found: dict[date, dict[int, list[tuple[Event, list[Period]]]]],
) -> None:
    """Find what is unusual in the stretches of some rows, which end."""
    alike = defaultdict(list)
    for row in rows:
        days = stretches[row].days
        alike[days[0], days[-1]].append(row)
    for (since, day), same in alike.items():
        series, question = earlier.take(same, day, since)
        past, taken = take_past(series, question)
        periods = series.periods[taken]
        everything = detect_unusual(series, question, past, taken)
        for each in {each for row in same for each in stretches[row].days}:
            stop = sum(period.stop <= each for period in periods)
            events = defaultdict(list)
            cut = Detection(*(array[:, :stop] for array in vars(everything).values()))
            for event in list_unusual(past.values[:, :stop], cut):
                events[event.row].append((event, periods[:stop]))
            for place, row in enumerate(same):
                if each in stretches[row].days:
                    found[each][row] = events[place]
        for row in same:
            del stretches[row]
