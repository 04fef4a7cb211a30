"""Rules: which KPIs they watch, what has to happen, whom they tell and how."""

from . import kpi_smart_alert
from . import kpi_alert_route
