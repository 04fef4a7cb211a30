"""Where messages go beside people's own addresses."""

from . import kpi_alert_channel
