"""Locked periods, whose values people cannot change any more."""

from datetime import date, timedelta
from typing import Literal


def is_locked(period_stop: date, locked_until: date | Literal[False] | None) -> bool:
    """Return whether the last day of a period up to ``period_stop`` is locked.

    :param period_stop: first day after the period
    :param locked_until: last locked day; none is locked without it
    """
    return bool(locked_until) and period_stop - timedelta(days=1) <= locked_until
