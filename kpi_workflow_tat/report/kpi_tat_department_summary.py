from odoo import fields, models
from odoo.fields import Domain

from .kpi_tat_view import Rounded


class KpiTatDepartmentSummary(models.Model):
    """Submitted requests of each department, how they ended and how long they took."""

    _name = "kpi.tat.department.summary"
    _description = "Requests by Department"
    _table = "vw_department_summary"
    _inherit = ["kpi.tat.view"]
    _auto = False
    _order = "total_requests desc, id"
    _rec_name = "department"
    _mailed_columns = (
        "department_id",
        "total_requests",
        "open_requests",
        "breached_requests",
    )
    _screen_path = "tat-departments"

    department_id = fields.Many2one("hr.department", readonly=True)
    department = fields.Char("Department Name", readonly=True)
    total_requests = fields.Integer("Requests", readonly=True)
    open_requests = fields.Integer("Open", readonly=True)
    approved_requests = fields.Integer("Approved", readonly=True)
    rejected_requests = fields.Integer("Rejected", readonly=True)
    breached_requests = fields.Integer(
        "Overdue", readonly=True, help="Requests with an overdue level."
    )
    approval_rate = Rounded(
        "Approved (%)",
        aggregator=None,
        help="Approved ÷ all submitted requests, including open ones.",
    )
    avg_cycle_time_hours = Rounded("Average Cycle Time (h)", aggregator=None)

    _rows = """
        SELECT min(request.id) AS id,
               request.company_id,
               request.department_id,
               department.name->>'en_US' AS department,
               count(*)::int AS total_requests,
               (count(*) FILTER (WHERE request.status IN %(open)s))::int
                   AS open_requests,
               (count(*) FILTER (WHERE request.approval_state = 'approved'))::int
                   AS approved_requests,
               (count(*) FILTER (WHERE request.approval_state = 'rejected'))::int
                   AS rejected_requests,
               (count(*) FILTER (WHERE late.is_late))::int AS breached_requests,
               round((count(*) FILTER (WHERE request.approval_state = 'approved'))
                   * 100.0 / count(*), 4) AS approval_rate,
               round(avg(%(cycle)s), 4) AS avg_cycle_time_hours
          FROM workflow_requests AS request
     LEFT JOIN hr_department AS department ON department.id = request.department_id
     LEFT JOIN LATERAL (
            SELECT TRUE AS is_late
              FROM approval_levels AS level
             WHERE level.request_id = request.id
               AND level.tat_breached
             LIMIT 1
          ) AS late ON TRUE
         WHERE %(chosen)s
           AND request.submitted_at >= %(start)s
           AND request.submitted_at < %(stop)s
      GROUP BY request.company_id, request.department_id, department.name
    """

    def _get_counted(self):
        own = Domain("company_id", "=", self.company_id.id)
        own &= Domain("department_id", "=", self.department_id.id)
        return "kpi.tat.request", own & self._get_period_domain("submitted_at")
