"""Evaluation: which KPIs are due, what rules find of them, what becomes of alerts."""

from . import kpi_smart_alert_watched
from . import kpi_smart_alert_sweep
from . import hr_department
from . import kpi_definition
from . import kpi_event
from . import kpi_predictive_analytics
from . import kpi_report_group_line
