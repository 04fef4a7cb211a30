"""Scorecards (``kpi.report.group``): weighted KPIs with one achievement.

Dashboards are an addon above.
"""

from . import kpi_report_group
from . import kpi_report_group_line
