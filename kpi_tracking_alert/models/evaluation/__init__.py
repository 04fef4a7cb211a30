"""Evaluation: which KPIs are due, what rules find of them, what becomes of alerts."""

from . import kpi_smart_alert
from . import watched_changes
