"""Months of benefits with their days, as the engine takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from dateutil.relativedelta import relativedelta

from ...engine.history import History

NAN = float("nan")


@dataclass(frozen=True)
class Months:
    """A history, and the first day of its first month."""

    first: date
    history: History

    def get_day(self, place: int) -> date:
        """First day of a month, by its place; those to come as well."""
        return self.first + relativedelta(months=place)


def count_months(start: date, stop: date) -> int:
    """Months from the one of ``start`` to that of ``stop``; below 0: it is earlier."""
    return (stop.year - start.year) * 12 + stop.month - start.month


def build_months(
    rows: Sequence[tuple[date, float, float]], this_month: date, late: int = 0
) -> Months:
    """Months from the first planned one to the last, and which of them are over.

    :param rows: (first day, planned, realised) of months; NaN = nobody has said
    :param late: months from the first one to the actual go-live; −1: it was not yet
    """
    first, last = rows[0][0], rows[-1][0]
    count = count_months(first, last) + 1
    planned, realised = np.zeros(count), np.full(count, NAN)
    for day, plan, done in rows:
        place = count_months(first, day)
        planned[place], realised[place] = plan, done
    elapsed = max(count_months(first, this_month), 0)
    closed = min(elapsed, count)
    history = History(
        planned,
        realised[:closed],
        late=closed if late < 0 else late,
        overdue=elapsed - closed,
    )
    return Months(first, history)


def add_months(several: Sequence[Months]) -> Months:
    """Months of several benefits together; NaN where none of them counts anything."""
    first = min(one.first for one in several)
    last = max(one.get_day(len(one.history.planned) - 1) for one in several)
    count = count_months(first, last) + 1
    planned, realised = np.zeros(count), np.zeros(count)
    is_silent = np.ones(count, bool)
    elapsed = 0
    for one in several:
        start, history = count_months(first, one.first), one.history
        planned[start : start + len(history.planned)] += history.planned
        over = slice(start, start + history.closed)
        realised[over] += history.counted
        is_silent[over] &= np.isnan(history.reported)
        elapsed = max(elapsed, start + history.closed + history.overdue)
    # A disbenefit that nobody reported counts all the same.
    realised[is_silent & (realised == 0)] = NAN
    closed = min(elapsed, count)
    return Months(first, History(planned, realised[:closed], overdue=elapsed - closed))
