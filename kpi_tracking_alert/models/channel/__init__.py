"""Ways that messages leave by, beside email: channels, phones, browsers."""

from . import kpi_alert_channel
