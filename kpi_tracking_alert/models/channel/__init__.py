"""Ways that messages leave by, beside email: channels, phones, browsers."""

from . import kpi_alert_channel
from . import kpi_alert_channel_call
from . import kpi_alert_channel_fault
from . import kpi_alert_channel_slack
from . import kpi_alert_channel_teams
from . import kpi_alert_channel_whatsapp
from . import kpi_delivery_channel
from . import kpi_delivery_push
