from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalInteger

from .kpi_tat_view import Rounded, choose_as

BUCKETS = [
    ("0-1 days", "Up to 1 Day"),
    ("1-3 days", "1 to 3 Days"),
    ("3-7 days", "3 to 7 Days"),
    ("7-14 days", "7 to 14 Days"),
    ("14-30 days", "14 to 30 Days"),
    ("30+ days", "More than 30 Days"),
]


class KpiTatWorkflowAging(models.Model):
    """Open requests, how long they have been open and whom they wait for."""

    _name = "kpi.tat.workflow.aging"
    _description = "Aging of Open Requests"
    _table = "vw_workflow_aging"
    _inherit = ["kpi.tat.view"]
    _auto = False
    _kpi_measurable = True
    _order = "age_hours desc, id"
    _rec_name = "request_number"
    _mailed_columns = ("request_number", "subject", "age_days", "waiting_for")
    _is_of_moment = True
    _screen_path = "tat-aging"

    request_id = fields.Many2one("kpi.tat.request", readonly=True)
    request_number = fields.Char("Number", readonly=True)
    subject = fields.Char(readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    department = fields.Char("Department Name", readonly=True)
    priority = choose_as("priority")
    status = choose_as("status")
    initiator_id = fields.Many2one("res.users", string="Submitter", readonly=True)
    submitted_at = fields.Datetime("First Submitted", readonly=True)
    age_hours = Rounded("Age (h)", aggregator="avg")
    age_days = Rounded("Age (days)", aggregator="avg")
    age_bucket = fields.Selection(BUCKETS, "Age", readonly=True)
    level_number = OptionalInteger("Level", readonly=True, aggregator=None)
    waiting_for = fields.Char(readonly=True)
    due_at = fields.Datetime("Due", readonly=True)
    is_overdue = fields.Boolean("Overdue", readonly=True)

    _rows = """
        SELECT request.id,
               request.id AS request_id,
               request.number AS request_number,
               request.subject,
               request.company_id,
               request.department_id,
               department.name->>'en_US' AS department,
               request.priority,
               request.status,
               request.initiator_id,
               request.submitted_at,
               round(%(age)s, 4) AS age_hours,
               round(%(age)s / 24, 4) AS age_days,
               CASE WHEN %(age)s < 24 THEN '0-1 days'
                    WHEN %(age)s < 72 THEN '1-3 days'
                    WHEN %(age)s < 168 THEN '3-7 days'
                    WHEN %(age)s < 336 THEN '7-14 days'
                    WHEN %(age)s < 720 THEN '14-30 days'
                    ELSE '30+ days' END AS age_bucket,
               current.level_number,
               current.waiting_for,
               current.due_at,
               COALESCE(current.is_overdue, FALSE) AS is_overdue
          FROM workflow_requests AS request
     LEFT JOIN hr_department AS department ON department.id = request.department_id
     LEFT JOIN LATERAL (
            SELECT max(level.level_number) AS level_number,
                   string_agg(DISTINCT person.name, ', ') AS waiting_for,
                   min(level.due_at) AS due_at,
                   bool_or(level.tat_breached) AS is_overdue
              FROM approval_levels AS level
              JOIN res_users AS approver ON approver.id = level.approver_id
              JOIN res_partner AS person ON person.id = approver.partner_id
             WHERE level.request_id = request.id
               AND level.clock IN ('running', 'held')
          ) AS current ON TRUE
         WHERE %(chosen)s
           AND request.status IN %(open)s
           AND request.submitted_at >= %(start)s
           AND request.submitted_at < %(stop)s
    """

    @api.model
    def _read_group_orderby(self, order, groupby_terms, query):
        """Order groups of ages by age, not by the alphabet."""
        bucket = groupby_terms.get("age_bucket")
        if not bucket:
            return super()._read_group_orderby(order, groupby_terms, query)

        keys = [key for key, _label in BUCKETS]
        place = SQL("array_position(%s::text[], %s)", keys, bucket)
        groupby_terms["age_bucket"] = place
        result = super()._read_group_orderby(order, groupby_terms, query)
        groupby_terms["age_bucket"] = bucket
        return result

    def _say_number(self):
        return self.env._("%s open", len(self))
