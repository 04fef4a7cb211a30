"""Clocks of the people who are asked: one for each, and what they count by."""

from . import kpi_tat_calendar
from . import kpi_tat_hold
from . import kpi_tat_level
from . import kpi_tat_level_clock
from . import kpi_tat_level_threshold
from . import kpi_tat_level_deciding
from . import kpi_tat_level_statement
from . import kpi_tat_level_countdown
from . import kpi_tat_level_share
from . import kpi_tat_level_sweep
from . import kpi_tat_level_correction
from . import kpi_approval_step
from . import kpi_timer
