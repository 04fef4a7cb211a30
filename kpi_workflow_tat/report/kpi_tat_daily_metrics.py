from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kpi_tat_view import Rounded


class KpiTatDailyMetrics(models.Model):
    """What happened on each day, by the clocks of the company."""

    _name = "kpi.tat.daily.metrics"
    _description = "Daily Request Figures"
    _table = "vw_daily_kpi_metrics"
    _inherit = ["kpi.tat.view"]
    _auto = False
    _order = "metric_date desc, id"
    _rec_name = "metric_date"
    _mailed_columns = (
        "metric_date",
        "department_id",
        "requests_created",
        "requests_approved",
        "breaches_count",
    )
    _screen_path = "tat-daily"

    metric_date = fields.Date("Day", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    department = fields.Char("Department Name", readonly=True)
    requests_created = fields.Integer("Submitted", readonly=True)
    requests_approved = fields.Integer("Approved", readonly=True)
    requests_rejected = fields.Integer("Rejected", readonly=True)
    levels_completed = fields.Integer("Decisions", readonly=True)
    levels_completed_within_tat = fields.Integer("Decisions on Time", readonly=True)
    breaches_count = fields.Integer(
        "Became Overdue", readonly=True, help="Levels, by overdue date."
    )
    alerts_sent = fields.Integer("Reminders", readonly=True)
    tat_compliance_percentage = Rounded(
        "On Time (%)",
        aggregator="avg",
        help="On-time decisions ÷ (on-time decisions + levels that became overdue).",
    )
    avg_cycle_time_hours = Rounded(
        "Average Cycle Time (h)",
        aggregator="avg",
        help="Covers requests decided that day.",
    )

    # Each event has a number that no other one has.
    _rows = """
          WITH happened AS (
            SELECT request.id * 5 AS number, 'created' AS kind,
                   request.submitted_at AS moment, request.company_id,
                   request.department_id, NULL::numeric AS cycle_hours
              FROM workflow_requests AS request
             WHERE request.is_test IS NOT TRUE
         UNION ALL
            SELECT request.id * 5 + 1, request.approval_state, request.decided_at,
                   request.company_id, request.department_id, request.cycle_hours
              FROM workflow_requests AS request
             WHERE request.is_test IS NOT TRUE
               AND request.approval_state IN ('approved', 'rejected')
         UNION ALL
            SELECT level.id * 5 + 2,
                   CASE WHEN level.tat_breached THEN 'late' ELSE 'met' END,
                   level.decided_at, request.company_id, request.department_id, NULL
              FROM approval_levels AS level
              JOIN workflow_requests AS request ON request.id = level.request_id
             WHERE request.is_test IS NOT TRUE
               AND %(is_silent)s IS NOT TRUE
         UNION ALL
            SELECT level.id * 5 + 3, 'breach', level.overdue_at, request.company_id,
                   request.department_id, NULL
              FROM approval_levels AS level
              JOIN workflow_requests AS request ON request.id = level.request_id
             WHERE request.is_test IS NOT TRUE
               AND level.tat_breached
               AND %(is_silent)s IS NOT TRUE
         UNION ALL
            SELECT alert.id * 5 + 4, 'alert', alert.alert_sent_at, request.company_id,
                   request.department_id, NULL
              FROM tat_alerts AS alert
              JOIN workflow_requests AS request ON request.id = alert.request_id
             WHERE request.is_test IS NOT TRUE
          )
        SELECT min(event.number)::int AS id,
               event.day AS metric_date,
               event.company_id,
               event.department_id,
               department.name->>'en_US' AS department,
               (count(*) FILTER (WHERE event.kind = 'created'))::int
                   AS requests_created,
               (count(*) FILTER (WHERE event.kind = 'approved'))::int
                   AS requests_approved,
               (count(*) FILTER (WHERE event.kind = 'rejected'))::int
                   AS requests_rejected,
               (count(*) FILTER (WHERE event.kind IN ('met', 'late')))::int
                   AS levels_completed,
               (count(*) FILTER (WHERE event.kind = 'met'))::int
                   AS levels_completed_within_tat,
               (count(*) FILTER (WHERE event.kind = 'breach'))::int
                   AS breaches_count,
               (count(*) FILTER (WHERE event.kind = 'alert'))::int AS alerts_sent,
               round((count(*) FILTER (WHERE event.kind = 'met')) * 100.0
                   / NULLIF(count(*) FILTER (
                       WHERE event.kind IN ('met', 'breach')), 0), 4)
                   AS tat_compliance_percentage,
               round(avg(event.cycle_hours), 4) AS avg_cycle_time_hours
          FROM (
            SELECT happened.*,
                   (happened.moment AT TIME ZONE 'UTC'
                    AT TIME ZONE COALESCE(home.tz, 'UTC'))::date AS day
              FROM happened
              JOIN res_company AS company ON company.id = happened.company_id
              JOIN res_partner AS home ON home.id = company.partner_id
             WHERE happened.moment >= %(start)s
               AND happened.moment < %(stop)s
          ) AS event
     LEFT JOIN hr_department AS department ON department.id = event.department_id
      GROUP BY event.day, event.company_id, event.department_id, department.name
    """

    def _read_group_select(self, aggregate_spec, query):
        """The share of several days is that of all their decisions."""
        if aggregate_spec != "tat_compliance_percentage:avg":
            return super()._read_group_select(aggregate_spec, query)
        met, late = (
            SQL("sum(%s)", self._field_to_sql(self._table, name, query))
            for name in ("levels_completed_within_tat", "breaches_count")
        )
        return SQL("100.0 * %s / NULLIF(%s + %s, 0)", met, met, late)

    def _get_counted(self):
        """Requests submitted on the day; it may have 23 or 25 hours."""
        ((start, stop),) = self.env.execute_query(
            SQL(
                """
                SELECT day::timestamp AT TIME ZONE zone AT TIME ZONE 'UTC',
                       (day + 1)::timestamp AT TIME ZONE zone AT TIME ZONE 'UTC'
                  FROM (VALUES (%s::date, %s)) AS local (day, zone)
                """,
                self.metric_date,
                # The time zone of the company is no secret.
                self.company_id.sudo().partner_id.tz or "UTC",
            )
        )
        own = Domain("company_id", "=", self.company_id.id)
        own &= Domain("department_id", "=", self.department_id.id)
        of_day = Domain("submitted_at", ">=", start) & Domain("submitted_at", "<", stop)
        period = self._get_period_domain("submitted_at")
        return "kpi.tat.request", own & of_day & period

    def _say_number(self):
        return self.env._("%s submitted", sum(self.mapped("requests_created")))
