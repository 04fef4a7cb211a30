"""Working hours as plain data and as a table of days that SQL joins.

The arithmetic is ``engine/worktime.py``.
"""

from . import resource_calendar
from . import kpi_working_day
