"""Discussions of a KPI in a period: what was seen, decided, and what came of it."""

from . import kpi_discussion
from . import kpi_discussion_marker
from . import kpi_discussion_numbers
from . import kpi_discussion_state
from . import kpi_alert_event
from . import kpi_event
from . import kpi_report
from . import kpi_user_link
