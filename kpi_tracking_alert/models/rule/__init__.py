"""Rules: which KPIs they watch, what has to happen, whom they tell and how."""

from . import kpi_smart_alert
from . import kpi_smart_alert_scope
from . import kpi_smart_alert_checks
from . import kpi_smart_alert_seeds
from . import kpi_alert_route
from . import kpi_smart_alert_channels
