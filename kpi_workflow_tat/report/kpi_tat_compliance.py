from odoo import api, fields, models
from odoo.fields import Domain

from ..fields import OptionalBoolean
from .kpi_tat_view import Rounded, choose_as


class KpiTatCompliance(models.Model):
    """Each clock that ran: the time it had, the time it took, and how it ended."""

    _name = "kpi.tat.compliance"
    _description = "Turnaround Time Compliance"
    _table = "vw_tat_compliance"
    _inherit = ["kpi.tat.view"]
    _auto = False
    _order = "level_start_time desc, id desc"
    _rec_name = "request_number"
    _mailed_columns = ("request_number", "subject", "approver_id", "reason")
    _mailed_domain = Domain("outcome", "=", "breached")
    _screen_path = "tat-compliance"

    level_id = fields.Many2one("kpi.tat.level", "Clock", readonly=True)
    request_id = fields.Many2one("kpi.tat.request", readonly=True)
    request_number = fields.Char("Number", readonly=True)
    subject = fields.Char(readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    department = fields.Char("Department Name", readonly=True)
    priority = choose_as("priority")
    level_number = fields.Integer("Level", readonly=True, aggregator=None)
    attempt = fields.Integer(readonly=True, aggregator=None)
    approver_id = fields.Many2one("res.users", readonly=True)
    approver_name = fields.Char(readonly=True)
    decision = choose_as("state", "kpi.approval.step")
    reason = fields.Text("Comment", readonly=True, help="Approver's comment.")
    level_start_time = fields.Datetime("Asked", readonly=True)
    due_at = fields.Datetime("Due", readonly=True)
    overdue_at = fields.Datetime(readonly=True)
    decided_at = fields.Datetime("Decided", readonly=True)
    tat_hours_allocated = Rounded("Hours Allowed")
    tat_hours_elapsed = Rounded(
        "Final Hours",
        help="Blank while the clock runs.",
    )
    hours_until_now = Rounded(
        "Hours Elapsed",
        compute="_compute_hours_until_now",
    )
    is_breached = fields.Boolean("Overdue", readonly=True)
    completed_within_tat = OptionalBoolean(
        "Done on Time", readonly=True, help="Blank while open and not overdue."
    )
    outcome = fields.Selection(
        [
            ("met", "On Time"),
            ("breached", "Overdue"),
            ("open", "Open"),
            ("cancelled", "Not Evaluated"),
        ],
        readonly=True,
        help="Not evaluated: reassigned, decided by another group member, or "
        "canceled before the due date.",
    )

    delay_reason = fields.Char(
        readonly=True, help="Reason for a late decision, or “Not given”."
    )
    delay_note = fields.Text(readonly=True)
    hours_late = Rounded(
        "Hours Late",
        aggregator="median",
        help="Counted hours beyond the allowed time.",
    )

    _rows = """
        SELECT level.id,
               level.id AS level_id,
               level.request_id,
               request.number AS request_number,
               request.subject,
               request.company_id,
               request.department_id,
               department.name->>'en_US' AS department,
               request.priority,
               level.level_number,
               level.attempt,
               level.approver_id,
               person.name AS approver_name,
               step.state AS decision,
               step.comment AS reason,
               level.level_start_time,
               level.due_at,
               level.overdue_at,
               level.decided_at,
               round(level.allowed_seconds / 3600.0, 4) AS tat_hours_allocated,
               CASE WHEN level.clock = 'stopped'
                    THEN round(level.elapsed_seconds / 3600.0, 4)
                END AS tat_hours_elapsed,
               COALESCE(level.tat_breached, FALSE) AS is_breached,
               %(is_met)s AS completed_within_tat,
               CASE WHEN %(is_met)s THEN 'met'
                    WHEN NOT %(is_met)s THEN 'breached'
                    WHEN level.clock IN ('running', 'held') THEN 'open'
                    ELSE 'cancelled' END AS outcome,
               CASE WHEN NOT %(is_met)s AND level.decided_at IS NOT NULL
                    THEN COALESCE(delay.name->>%(lang)s, delay.name->>'en_US',
                                  %(not_given)s)
                END AS delay_reason,
               step.delay_note,
               CASE WHEN NOT %(is_met)s AND level.decided_at IS NOT NULL
                    -- what is overdue stays so when more time is allowed later
                    THEN round(GREATEST(level.elapsed_seconds
                                        - level.allowed_seconds, 0) / 3600.0, 4)
                END AS hours_late
          FROM approval_levels AS level
          JOIN workflow_requests AS request ON request.id = level.request_id
          JOIN kpi_approval_step AS step ON step.id = level.step_id
          JOIN res_users AS approver ON approver.id = level.approver_id
          JOIN res_partner AS person ON person.id = approver.partner_id
     LEFT JOIN hr_department AS department ON department.id = request.department_id
     LEFT JOIN kpi_approval_delay_reason AS delay ON delay.id = step.delay_reason_id
         WHERE %(chosen)s
           AND level.level_start_time >= %(start)s
           AND level.level_start_time < %(stop)s
    """

    @api.model
    def _get_parts(self):
        return {"not_given": self.env._("Not given")}

    @api.depends("tat_hours_elapsed", "level_id")
    def _compute_hours_until_now(self):
        for row in self:
            hours = row.tat_hours_elapsed
            if hours is False:
                # Whoever sees the row sees what its clock shows.
                hours = row.level_id.sudo().tat_hours_elapsed
            row.hours_until_now = hours

    def _say_number(self):
        return self.env._("%s overdue", len(self))
