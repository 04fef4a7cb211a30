"""Meetings about a scorecard: what is on the agenda, what was said, who is told."""

from . import kpi_review_meeting
from . import kpi_review_meeting_line
from . import kpi_review_meeting_agenda
from . import kpi_review_meeting_minutes
from . import kpi_review_meeting_invitation
from . import kpi_event
from . import kpi_action_item
from . import kpi_report_group
from . import kpi_user_link
