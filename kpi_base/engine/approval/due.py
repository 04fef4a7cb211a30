"""Moments by which somebody should have decided."""

import datetime as dt

from ..worktime import Timeline, WorkTimeError, due, to_datetime, to_instants


def find_due(timeline: Timeline, asked: dt.datetime, hours: float) -> dt.datetime:
    """The moment at which ``hours`` of work have passed since somebody was asked.

    Who never works has as many hours of the clock: nothing waits for ever.

    :param timeline: of the working hours of who is asked
    :param asked: naive UTC
    :return: naive UTC
    """
    (instant,) = to_instants([asked]).tolist()
    seconds = round(hours * 3600)
    try:
        return to_datetime(due(timeline, instant, seconds))
    except WorkTimeError:
        return to_datetime(instant + seconds)
