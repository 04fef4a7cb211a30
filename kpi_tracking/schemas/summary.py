"""Resources on how a person or a department is doing."""

from odoo.addons.kpi_base.schemas.base import Answer, Reference, Status

from .report import ReportOut
from .scorecard import ScorecardOut


class SummaryOut(Answer):
    user: Reference
    by_status: dict[Status, int]
    kpis: list[ReportOut]


class DashboardOut(Answer):
    department: Reference
    by_status: dict[Status, int]
    kpis: list[ReportOut]
    scorecards: list[ScorecardOut]
