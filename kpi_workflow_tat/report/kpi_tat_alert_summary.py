from odoo import fields, models

from odoo.addons.kpi_base.engine.counts import say_count

from ..fields import OptionalBoolean
from .kpi_tat_view import Rounded, choose_as


class KpiTatAlertSummary(models.Model):
    """Each reminder, and how long it took from there to the decision."""

    _name = "kpi.tat.alert.summary"
    _description = "Reminders and Responses"
    _table = "vw_tat_alerts_summary"
    _inherit = ["kpi.tat.view"]
    _auto = False
    _order = "alert_sent_at desc, id desc"
    _rec_name = "request_number"
    _mailed_columns = (
        "request_number",
        "approver_id",
        "threshold_percentage",
        "alert_sent_at",
    )
    _screen_path = "tat-reminders"

    alert_id = fields.Many2one("kpi.tat.alert", readonly=True)
    request_id = fields.Many2one("kpi.tat.request", readonly=True)
    request_number = fields.Char("Number", readonly=True)
    level_id = fields.Many2one("kpi.tat.level", "Clock", readonly=True)
    level_number = fields.Integer("Level", readonly=True, aggregator=None)
    department_id = fields.Many2one("hr.department", readonly=True)
    department = fields.Char("Department Name", readonly=True)
    priority = choose_as("priority")
    approver_id = fields.Many2one("res.users", readonly=True)
    approver_name = fields.Char(readonly=True)
    alert_type = fields.Char("Reminder", readonly=True)
    threshold_percentage = fields.Integer(
        "Time Used (%)", readonly=True, aggregator=None
    )
    due_at = fields.Datetime("Reminder Due", readonly=True)
    alert_sent_at = fields.Datetime("Sent", readonly=True)
    tat_hours_allocated = Rounded("Hours Allowed")
    tat_hours_elapsed = Rounded("Hours Elapsed")
    expected_completion_time = fields.Datetime("Decision Due", readonly=True)
    completion_time = fields.Datetime("Done", readonly=True)
    is_breached = fields.Boolean("Overdue", readonly=True)
    was_completed_on_time = OptionalBoolean("Done on Time", readonly=True)
    notification_sent = fields.Boolean("Delivered", readonly=True)
    response_time_hours = Rounded(
        "Response (h)",
        aggregator="avg",
        help="Calendar hours from reminder to decision.",
    )

    _rows = """
        SELECT alert.id,
               alert.id AS alert_id,
               alert.request_id,
               request.number AS request_number,
               alert.level_id,
               level.level_number,
               request.company_id,
               request.department_id,
               department.name->>'en_US' AS department,
               request.priority,
               alert.approver_id,
               person.name AS approver_name,
               alert.alert_type,
               alert.threshold_percentage,
               alert.due_at,
               alert.alert_sent_at,
               alert.tat_hours_allocated,
               alert.tat_hours_elapsed,
               alert.expected_completion_time,
               alert.completion_time,
               COALESCE(alert.is_breached, FALSE) AS is_breached,
               alert.was_completed_on_time,
               COALESCE(alert.notification_sent, FALSE) AS notification_sent,
               round(EXTRACT(epoch FROM alert.completion_time - alert.alert_sent_at)
                   / 3600, 4) AS response_time_hours
          FROM tat_alerts AS alert
          JOIN approval_levels AS level ON level.id = alert.level_id
          JOIN workflow_requests AS request ON request.id = alert.request_id
          JOIN res_users AS approver ON approver.id = alert.approver_id
          JOIN res_partner AS person ON person.id = approver.partner_id
     LEFT JOIN hr_department AS department ON department.id = request.department_id
         WHERE %(chosen)s
           AND alert.alert_sent_at >= %(start)s
           AND alert.alert_sent_at < %(stop)s
    """

    def _say_number(self):
        reminders = self.env._("1 reminder"), self.env._("%s reminders")
        return say_count(len(self), *reminders)
