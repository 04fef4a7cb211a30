from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kpi_tat_view import Rounded

KINDS = ("created", "approved", "rejected", "met", "late", "breach", "alert")


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

    # Each event has a number that no other one has, of which a row keeps the least.
    # Each kind is counted by day before it meets the others: there are many more events
    # than days. UTC is an offset here, as PostgreSQL takes longer by its name.
    _rows = """
          WITH zone AS (
            SELECT company.id AS company_id, COALESCE(home.tz, 'UTC') AS name
              FROM res_company AS company
              JOIN res_partner AS home ON home.id = company.partner_id
          ),
          counted AS (
            SELECT 'created' AS kind, request.company_id, request.department_id,
                   (request.submitted_at AT TIME ZONE INTERVAL '0'
                    AT TIME ZONE zone.name)::date AS day,
                   min(request.id) * 5 AS number, count(*) AS events,
                   NULL::numeric AS cycle_hours, 0 AS cycles
              FROM workflow_requests AS request
              JOIN zone ON zone.company_id = request.company_id
             WHERE %(chosen)s
               AND request.submitted_at >= %(start)s
               AND request.submitted_at < %(stop)s
          GROUP BY request.company_id, request.department_id, day
         UNION ALL
            SELECT request.approval_state, request.company_id, request.department_id,
                   (request.decided_at AT TIME ZONE INTERVAL '0'
                    AT TIME ZONE zone.name)::date AS day,
                   min(request.id) * 5 + 1, count(*),
                   sum(request.cycle_hours), count(request.cycle_hours)
              FROM workflow_requests AS request
              JOIN zone ON zone.company_id = request.company_id
             WHERE %(chosen)s
               AND request.approval_state IN ('approved', 'rejected')
               AND request.decided_at >= %(start)s
               AND request.decided_at < %(stop)s
          GROUP BY request.approval_state, request.company_id, request.department_id,
                   day
         UNION ALL
            SELECT CASE WHEN level.tat_breached THEN 'late' ELSE 'met' END,
                   request.company_id, request.department_id,
                   (level.decided_at AT TIME ZONE INTERVAL '0'
                    AT TIME ZONE zone.name)::date AS day,
                   min(level.id) * 5 + 2, count(*), NULL, 0
              FROM approval_levels AS level
              JOIN workflow_requests AS request ON request.id = level.request_id
              JOIN zone ON zone.company_id = request.company_id
             WHERE %(chosen)s
               AND %(is_silent)s IS NOT TRUE
               AND level.decided_at >= %(start)s
               AND level.decided_at < %(stop)s
          GROUP BY level.tat_breached, request.company_id, request.department_id, day
         UNION ALL
            SELECT 'breach', request.company_id, request.department_id,
                   (level.overdue_at AT TIME ZONE INTERVAL '0'
                    AT TIME ZONE zone.name)::date AS day,
                   min(level.id) * 5 + 3, count(*), NULL, 0
              FROM approval_levels AS level
              JOIN workflow_requests AS request ON request.id = level.request_id
              JOIN zone ON zone.company_id = request.company_id
             WHERE %(chosen)s
               AND level.tat_breached
               AND %(is_silent)s IS NOT TRUE
               AND level.overdue_at >= %(start)s
               AND level.overdue_at < %(stop)s
          GROUP BY request.company_id, request.department_id, day
         UNION ALL
            SELECT 'alert', request.company_id, request.department_id,
                   (alert.alert_sent_at AT TIME ZONE INTERVAL '0'
                    AT TIME ZONE zone.name)::date AS day,
                   min(alert.id) * 5 + 4, count(*), NULL, 0
              FROM tat_alerts AS alert
              JOIN workflow_requests AS request ON request.id = alert.request_id
              JOIN zone ON zone.company_id = request.company_id
             WHERE %(chosen)s
               AND alert.alert_sent_at >= %(start)s
               AND alert.alert_sent_at < %(stop)s
          GROUP BY request.company_id, request.department_id, day
          )
        SELECT min(counted.number)::int AS id,
               counted.day AS metric_date,
               counted.company_id,
               counted.department_id,
               department.name->>'en_US' AS department,
               %(created)s AS requests_created,
               %(approved)s AS requests_approved,
               %(rejected)s AS requests_rejected,
               (%(met)s + %(late)s) AS levels_completed,
               %(met)s AS levels_completed_within_tat,
               %(breach)s AS breaches_count,
               %(alert)s AS alerts_sent,
               round(%(met)s * 100.0 / NULLIF(%(met)s + %(breach)s, 0), 4)
                   AS tat_compliance_percentage,
               round(sum(counted.cycle_hours) / NULLIF(sum(counted.cycles), 0), 4)
                   AS avg_cycle_time_hours
          FROM counted
     LEFT JOIN hr_department AS department ON department.id = counted.department_id
      GROUP BY counted.day, counted.company_id, counted.department_id,
               department.name
    """

    @api.model
    def _get_parts(self):
        """The number of events of each kind, by its name."""
        return {
            kind: SQL(
                """
                COALESCE(sum(counted.events) FILTER (WHERE counted.kind = %s), 0)::int
                """,
                kind,
            )
            for kind in KINDS
        }

    def _read_group_select(self, aggregate_spec, query):
        """The share of several days is that of all their decisions."""
        if aggregate_spec != "tat_compliance_percentage:avg":
            return super()._read_group_select(aggregate_spec, query)
        met, late = (
            SQL("sum(%s)", self._field_to_sql(self._table, name, query))
            for name in ("levels_completed_within_tat", "breaches_count")
        )
        return SQL("100.0 * %s / NULLIF(%s + %s, 0)", met, met, late)

    @api.model
    def web_search_read(
        self, domain, specification, offset=0, limit=None, order=None, count_limit=None
    ):
        """Read all rows that the list counts, of which there are few: each query counts
        every event of the period again, were it only for the number of rows or for the
        rules."""
        names = dict.fromkeys((*specification, "company_id", "department_id"))
        most = count_limit and limit and max(count_limit, offset + limit)
        rows = self.search_fetch(domain, list(names), limit=most, order=order)
        page = rows[offset:][:limit]
        return {"length": len(rows), "records": page.web_read(specification)}

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
