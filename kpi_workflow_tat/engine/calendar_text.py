"""A frozen calendar as text, from which it is read back equal."""

import datetime as dt
import json
from dataclasses import asdict, fields
from typing import Any

from odoo.addons.kpi_base.engine.worktime import (
    Attendance,
    Moments,
    WorkCalendar,
    WorkTimeError,
)


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
        parts = json.loads(text)
        return WorkCalendar(
            parts["tz"],
            tuple(_read_attendance(line) for line in parts["attendances"]),
            _read_moments(parts["leaves"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WorkTimeError(f"No stored calendar: {error}") from error


def _read_attendance(line: dict[str, Any]) -> Attendance:
    return Attendance(**{field.name: line[field.name] for field in fields(Attendance)})


def _read_moments(pairs: list[list[str]]) -> Moments:
    return tuple(
        (dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(stop))
        for start, stop in pairs
    )
