from odoo import fields, models
from odoo.fields import Domain

from .kpi_tat_view import Rounded, choose_as


class KpiTatRequestVolume(models.Model):
    """Requests of each status and priority: how many, and how long they took."""

    _name = "kpi.tat.request.volume"
    _description = "Request Volume"
    _table = "vw_request_volume_summary"
    _inherit = ["kpi.tat.view"]
    _auto = False
    _order = "company_id, status, priority"
    _rec_name = "status"
    _mailed_columns = ("status", "priority", "total_requests", "open_requests")
    _screen_path = "tat-priorities"

    status = choose_as("status")
    priority = choose_as("priority")
    total_requests = fields.Integer("Requests", readonly=True)
    open_requests = fields.Integer("Open", readonly=True)
    approved_requests = fields.Integer("Approved", readonly=True)
    rejected_requests = fields.Integer("Rejected", readonly=True)
    avg_cycle_time_hours = Rounded("Average Cycle Time (h)", aggregator=None)
    median_cycle_time_hours = Rounded("Median Cycle Time (h)", aggregator=None)
    avg_age_hours = Rounded(
        "Average Age (h)",
        aggregator=None,
        help="Open requests, since first submission.",
    )

    _rows = """
        SELECT min(request.id) AS id,
               request.company_id,
               request.status,
               request.priority,
               count(*)::int AS total_requests,
               (count(*) FILTER (WHERE request.status IN %(open)s))::int
                   AS open_requests,
               (count(*) FILTER (WHERE request.approval_state = 'approved'))::int
                   AS approved_requests,
               (count(*) FILTER (WHERE request.approval_state = 'rejected'))::int
                   AS rejected_requests,
               round(avg(%(cycle)s), 4) AS avg_cycle_time_hours,
               round((percentile_cont(0.5) WITHIN GROUP (
                   ORDER BY %(cycle)s))::numeric, 4) AS median_cycle_time_hours,
               round(avg(%(age)s) FILTER (WHERE request.status IN %(open)s), 4)
                   AS avg_age_hours
          FROM workflow_requests AS request
         WHERE %(chosen)s
           AND COALESCE(request.submitted_at, request.create_date) >= %(start)s
           AND COALESCE(request.submitted_at, request.create_date) < %(stop)s
      GROUP BY request.company_id, request.status, request.priority
    """

    def _get_counted(self):
        own = Domain("company_id", "=", self.company_id.id)
        own &= Domain("status", "=", self.status)
        own &= Domain("priority", "=", self.priority)
        # Those first submitted in the period, and drafts made in it.
        submitted = self._get_period_domain("submitted_at")
        made = self._get_period_domain("create_date")
        opened = submitted | (Domain("submitted_at", "=", False) & made)
        return "kpi.tat.request", own & opened
