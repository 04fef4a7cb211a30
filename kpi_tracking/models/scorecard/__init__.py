"""Scorecards (``kpi.report.group``): weighted KPIs with one achievement.

Dashboards are an addon above.
"""

from . import kpi_report_group
from . import kpi_report_group_line
from . import kpi_report_group_status
from . import kpi_report_group_display
from . import kpi_report_group_entry
from . import kpi_report_group_history
from . import kpi_report_scorecards
from . import kpi_event
