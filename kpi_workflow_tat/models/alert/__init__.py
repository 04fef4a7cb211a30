"""Reminders that were sent, and how the level ended afterwards."""

from . import kpi_tat_alert
from . import kpi_tat_alert_former
from . import kpi_tat_alert_writing
from . import kpi_tat_alert_message
from . import kpi_tat_alert_note
from . import kpi_delivery
