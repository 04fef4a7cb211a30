"""What is to be done about a KPI, who is reminded of it, and what has changed since."""

from . import kpi_action_item
from . import kpi_action_item_effect
from . import kpi_action_item_reminder
from . import kpi_action_item_message
from . import kpi_action_item_status
from . import digest_digest
from . import kpi_alert_event
from . import kpi_discussion
from . import kpi_event
from . import kpi_home
from . import kpi_report
from . import kpi_user_link
