"""From an alert to people: who is told when, by which channel, and what it says."""

from . import kpi_alert_rota
from . import kpi_alert_shift
from . import kpi_alert_level
from . import kpi_alert_silence
from . import kpi_alert_quiet
from . import kpi_alert_mute
from . import kpi_alert_change
from . import kpi_alert_notice
from . import kpi_alert_notice_known
from . import kpi_alert_notice_sending
from . import kpi_alert_event
from . import kpi_alert_event_escalation
from . import kpi_alert_event_told
from . import kpi_alert_event_first_told
from . import kpi_alert_event_token
from . import kpi_alert_event_chart
from . import kpi_alert_notice_message
from . import kpi_delivery_alert
from . import kpi_alert_event_timeline
from . import kpi_report
from . import kpi_smart_alert
from . import kpi_smart_alert_text
from . import kpi_smart_alert_quality
from . import kpi_timer
from . import kpi_use_link
from . import kpi_user_link
