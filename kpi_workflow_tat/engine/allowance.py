"""Time that people are given, in whole seconds, and by which hours it counts."""

import math
from typing import Literal

from odoo.addons.kpi_base.engine.worktime import WorkCalendar, WorkTimeError

Priority = Literal["express", "standard"]

MOST_HOURS = 8760  # a year of the clock
_HOUR, _TEST_HOUR = 3600, 60  # seconds; in test mode an hour lasts a minute


class AllowanceError(WorkTimeError):
    """Time that nobody can be given; the text is for the template's owner."""


def count_allowed_seconds(hours: float, *, is_test: bool = False) -> int:
    """Whole seconds of so many hours.

    :param is_test: an hour lasts a minute
    :raises AllowanceError: nothing, negative, more than :data:`MOST_HOURS`, no number
    """
    if not (math.isfinite(hours) and 0 < hours <= MOST_HOURS):
        raise AllowanceError(
            f"The allowed time is more than 0 and up to {MOST_HOURS:,} hours, "
            f"got {hours:,g}."
        )
    return max(1, round(hours * (_TEST_HOUR if is_test else _HOUR)))


def choose_calendar(
    priority: Priority, working_hours: WorkCalendar, *, is_test: bool = False
) -> WorkCalendar:
    """The hours that count: of the clock for express, of work for standard.

    In test mode those of the clock always.
    """
    if priority == "express" or is_test:
        return WorkCalendar.always(working_hours.tz)
    return working_hours
