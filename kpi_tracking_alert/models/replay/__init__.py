"""Replay: what a rule would have found of days that have passed."""

from . import kpi_smart_alert
