"""From an alert to people: who is told when, by which channel, and what it says."""

from . import kpi_alert_rota
from . import kpi_alert_quiet
from . import kpi_alert_notice
from . import kpi_alert_event
from . import kpi_alert_event_screen
from . import kpi_alert_notice_message
