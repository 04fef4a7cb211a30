"""A frozen calendar as text, from which it is read back equal."""

import datetime as dt
import json
from dataclasses import asdict

from odoo.addons.kpi_base.engine.worktime import Attendance, WorkCalendar, WorkTimeError


def write_calendar(calendar: WorkCalendar) -> str:
    """The calendar as JSON; equal calendars give equal texts."""
    return json.dumps(
        asdict(calendar), default=lambda day: day.isoformat(), sort_keys=True
    )


def read_calendar(text: str) -> WorkCalendar:
    """The calendar of a text by :func:`write_calendar`.

    :raises WorkTimeError: any other text
    """
    try:
        parts, read = json.loads(text), dt.datetime.fromisoformat
        lines = tuple(Attendance(**line) for line in parts["attendances"])
        leaves = tuple((read(start), read(stop)) for start, stop in parts["leaves"])
        return WorkCalendar(parts["tz"], lines, leaves)
    except (KeyError, TypeError, ValueError) as error:
        raise WorkTimeError(f"No stored calendar: {error}") from error
