"""Alerts: what a rule has found of a KPI, from its firing until it is resolved."""

from . import kpi_alert_event
from . import kpi_alert_event_group
from . import kpi_alert_event_standing
