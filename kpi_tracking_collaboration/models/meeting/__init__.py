"""Meetings about a scorecard: what is on the agenda, what was said, who is told."""

from . import kpi_review_meeting
from . import kpi_report_group
