from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.formatting import number, percent_text
from odoo.addons.kpi_base.formatting import format_percent, reader_table
from odoo.addons.kpi_tracking_analytics.analytics.reliability import wilson_interval

from .kpi_tat_view import Rounded


class KpiTatApproverPerformance(models.Model):
    """How people keep to the time they are given, by the clocks that are judged."""

    _name = "kpi.tat.approver.performance"
    _description = "Approver Performance"
    _table = "vw_approver_performance"
    _inherit = ["kpi.tat.view"]
    _auto = False
    _order = "tat_compliance_percentage desc, total_assignments desc, id"
    _rec_name = "approver_name"
    _mailed_columns = (
        "approver_id",
        "total_assignments",
        "breaches_count",
        "tat_compliance_percentage",
    )
    _mailed_domain = Domain("total_assignments", ">", 0)
    _screen_path = "tat-approvers"

    approver_id = fields.Many2one("res.users", readonly=True)
    approver_name = fields.Char("Name", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    department = fields.Char("Department Name", readonly=True)
    total_assignments = fields.Integer(
        "Evaluated", readonly=True, help="Levels decided, or overdue and still open."
    )
    pending_count = fields.Integer(
        "Pending", readonly=True, help="Open and not overdue yet."
    )
    completed_count = fields.Integer("Decided", readonly=True)
    approved_count = fields.Integer("Approved", readonly=True)
    rejected_count = fields.Integer("Rejected", readonly=True)
    met_count = fields.Integer("On Time", readonly=True)
    breaches_count = fields.Integer("Overdue", readonly=True)
    tat_compliance_percentage = Rounded("On Time (%)", aggregator=None)
    compliance_interval = fields.Char(
        "Likely Range",
        compute="_compute_compliance_interval",
        help="95% Wilson interval of the share; wide if few levels were evaluated.",
    )
    avg_response_time_hours = Rounded(
        "Average Response (h)",
        aggregator=None,
        help="In counted hours.",
    )
    median_response_time_hours = Rounded(
        "Median Response (h)", aggregator=None, help="In counted hours."
    )

    @api.depends_context("lang")
    @api.depends("met_count", "total_assignments")
    def _compute_compliance_interval(self):
        for row in self:
            row.compliance_interval = False
            if row.total_assignments:
                low, high = wilson_interval(row.met_count, row.total_assignments)
                table = reader_table(self.env)
                low, high = (number(table, 100 * limit, 0) for limit in (low, high))
                row.compliance_interval = percent_text(table, f"{low}–{high}")

    _rows = """
        SELECT counted.id,
               counted.company_id,
               counted.approver_id,
               person.name AS approver_name,
               version.department_id,
               department.name->>'en_US' AS department,
               counted.met_count + counted.breaches_count AS total_assignments,
               counted.pending_count,
               counted.completed_count,
               counted.approved_count,
               counted.rejected_count,
               counted.met_count,
               counted.breaches_count,
               round(counted.met_count * 100.0
                   / NULLIF(counted.met_count + counted.breaches_count, 0), 4)
                   AS tat_compliance_percentage,
               counted.avg_response_time_hours,
               counted.median_response_time_hours
          FROM (
            SELECT min(level.id) AS id,
                   request.company_id,
                   level.approver_id,
                   (count(*) FILTER (WHERE %(is_met)s))::int AS met_count,
                   (count(*) FILTER (WHERE NOT %(is_met)s))::int AS breaches_count,
                   (count(*) FILTER (WHERE %(is_met)s IS NULL
                       AND level.clock IN ('running', 'held')))::int AS pending_count,
                   count(level.decided_at)::int AS completed_count,
                   (count(*) FILTER (WHERE level.decided_at IS NOT NULL
                       AND step.state = 'approved'))::int AS approved_count,
                   (count(*) FILTER (WHERE level.decided_at IS NOT NULL
                       AND step.state = 'rejected'))::int AS rejected_count,
                   round(avg(level.elapsed_seconds / 3600.0)
                       FILTER (WHERE level.decided_at IS NOT NULL), 4)
                       AS avg_response_time_hours,
                   round((percentile_cont(0.5) WITHIN GROUP (
                       ORDER BY level.elapsed_seconds)
                       FILTER (WHERE level.decided_at IS NOT NULL)
                       / 3600)::numeric, 4) AS median_response_time_hours
              FROM approval_levels AS level
              JOIN workflow_requests AS request ON request.id = level.request_id
              JOIN kpi_approval_step AS step ON step.id = level.step_id
             WHERE %(chosen)s
               AND level.level_start_time >= %(start)s
               AND level.level_start_time < %(stop)s
          GROUP BY request.company_id, level.approver_id
          ) AS counted
          JOIN res_users AS approver ON approver.id = counted.approver_id
          JOIN res_partner AS person ON person.id = approver.partner_id
     LEFT JOIN hr_employee AS employee
            ON employee.user_id = counted.approver_id
           AND employee.company_id = counted.company_id
     LEFT JOIN hr_version AS version ON version.id = employee.current_version_id
     LEFT JOIN hr_department AS department ON department.id = version.department_id
    """

    def _count_waiting(self):
        """Open clocks of the approvers of these rows, whenever they began.

        :return: (company id, approver id) → number
        """
        if not self:
            return {}
        self.env["kpi.tat.level"].flush_model(["approver_id", "clock", "request_id"])
        self.env["kpi.tat.request"].flush_model(
            ["company_id", "department_id", "is_test", "template_id"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT request.company_id, level.approver_id, count(*)
                  FROM approval_levels AS level
                  JOIN workflow_requests AS request ON request.id = level.request_id
                 WHERE %(chosen)s
                   AND level.clock IN ('running', 'held')
                   AND level.approver_id = ANY(%(approver_ids)s)
              GROUP BY request.company_id, level.approver_id
                """,
                chosen=self._build_chosen(),
                # Readers of the figures of an approver see this one, too.
                approver_ids=self.approver_id.ids,
            )
        )
        return {(company, approver): count for company, approver, count in rows}

    def _get_counted(self):
        own = Domain("company_id", "=", self.company_id.id)
        own &= Domain("approver_id", "=", self.approver_id.id)
        judged = Domain("outcome", "in", ["met", "breached"])
        return "kpi.tat.compliance", own & judged

    def _say_number(self):
        judged = sum(self.mapped("total_assignments"))
        return self.env._(
            "%s on time",
            format_percent(self.env, sum(self.mapped("met_count")) / judged, 0),
        )
