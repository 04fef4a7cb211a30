"""Calendars, and the periods that they cut time into.

The arithmetic of periods is ``kpi_base/engine/periods.py``.
"""

from . import kpi_calendar, kpi_presence
