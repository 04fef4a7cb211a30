from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..calendar.kpi_calendar import GRAINS


class KpiEntryDuty(models.Model):
    """Duty to enter a value: who, for which period, by when.

    A row per KPI, submitter and period, stored also when others are asked later: nobody
    is blamed for what was not theirs. ``kpi.entry.due`` says what became of it.
    """

    _name = "kpi.entry.duty"
    _description = "Assigned KPI Entry"
    _log_access = False
    _rec_name = "report_id"
    _order = "due_date, id"

    report_id = fields.Many2one("kpi.report", "KPI", required=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users", "Assigned To", required=True, ondelete="cascade", index=True
    )
    grain = fields.Selection(GRAINS, "Period Length", required=True)
    period_start = fields.Date(required=True)
    period_stop = fields.Date("Period End", required=True)
    due_date = fields.Date(required=True, index=True)
    reminded_before_at = fields.Datetime("First Reminder Sent At", readonly=True)
    reminded_after_at = fields.Datetime("Second Reminder Sent At", readonly=True)

    _report_period_user_uniq = models.UniqueIndex(
        "(report_id, grain, period_start, user_id)", "This entry is already due."
    )

    @api.model
    def _refresh(self, reports=None):
        """Bring the table in line with who is asked for which periods, by one merge.

        What was submitted stays; what is still due follows a change of people, of due
        days and of working hours.

        :param reports: KPIs to look at; default: all
        """
        reports = reports or self.env["kpi.report"].with_context(
            active_test=False
        ).search([("computation", "=", "manual")])
        if not reports.ids:
            return
        # The merge reads periods and working days. Those beyond a year from now are due
        # dates of nobody.
        today = fields.Date.today()
        firsts = [day for day in reports.mapped("entry_date_from") if day]
        first = min(firsts, default=today)
        for calendar in reports.definition_id.calendar_id:
            calendar._ensure_days(first, today)
        reports._ensure_working_days(first, today + timedelta(days=366))
        self.env.flush_all()
        self.env.cr.execute(self._merge_duties_sql(reports))
        self.invalidate_model()
        self.env["kpi.entry.due"].invalidate_model()

    @api.model
    def _merge_duties_sql(self, reports):
        """Write who (those named, else the responsible) owes which begun periods."""
        is_given = SQL(
            """
            EXISTS (
              SELECT 1
                FROM kpi_submission AS entry
               WHERE entry.report_id = duty.report_id
                 AND entry.grain = duty.grain
                 AND entry.period_start = duty.period_start
                 AND COALESCE(entry.contributor_id, duty.user_id) = duty.user_id
                 AND entry.state IN ('submitted', 'approved')
                 AND entry.withdrawn_at IS NULL
            )
            """
        )
        return SQL(
            """
            WITH asked AS MATERIALIZED (
                SELECT report.id AS report_id, report.definition_id, report.company_id,
                       asked.id AS user_id,
                       COALESCE(report.entry_date_from, DATE '9999-12-31') AS date_from
                  FROM kpi_report AS report
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
             LEFT JOIN kpi_report_submitter_rel AS named
                    ON named.kpi_report_id = report.id
                  JOIN res_users AS asked
                    ON asked.id = COALESCE(named.res_users_id, report.owner_id,
                                           report.user_id)
                   AND asked.active
                 WHERE report.id = ANY(%(ids)s)
                   AND report.active
                   AND definition.active
                   AND definition.computation = 'manual'
            ),
            dated AS MATERIALIZED (
                SELECT definition.id AS definition_id, company.id AS company_id,
                       period.grain, period.period_start, period.period_stop,
                       %(due_date)s AS due_date
                  FROM (SELECT definition_id, company_id, min(entry_date_from) AS first
                          FROM kpi_report
                         WHERE id = ANY(%(ids)s)
                      GROUP BY definition_id, company_id
                       ) AS tracked
                  JOIN kpi_definition AS definition
                    ON definition.id = tracked.definition_id
                  JOIN res_company AS company ON company.id = tracked.company_id
                  JOIN kpi_calendar AS calendar ON calendar.id = definition.calendar_id
                  JOIN kpi_calendar_day AS period
                    ON period.shape = calendar.shape
                   AND period.grain = definition.frequency
                   AND period.day = period.period_start
                   AND period.period_stop > tracked.first
                   AND period.period_start <= (now() AT TIME ZONE calendar.tz)::date
            ),
            wanted AS MATERIALIZED (
                SELECT asked.report_id, asked.user_id, dated.grain,
                       dated.period_start, dated.period_stop, dated.due_date
                  FROM asked
                  JOIN dated USING (definition_id, company_id)
                 WHERE dated.period_stop > asked.date_from
            ),
            gone AS (
                DELETE FROM kpi_entry_duty AS duty
                 WHERE duty.report_id = ANY(%(ids)s)
                   AND NOT %(is_given)s
                   AND NOT EXISTS (
                         SELECT 1
                           FROM wanted
                          WHERE wanted.report_id = duty.report_id
                            AND wanted.user_id = duty.user_id
                            AND wanted.grain = duty.grain
                            AND wanted.period_start = duty.period_start
                       )
            )
            INSERT INTO kpi_entry_duty AS duty
                   (report_id, user_id, grain, period_start, period_stop, due_date)
            SELECT report_id, user_id, grain, period_start, period_stop, due_date
              FROM wanted
                ON CONFLICT (report_id, grain, period_start, user_id)
                DO UPDATE SET due_date = excluded.due_date
                        WHERE duty.due_date <> excluded.due_date
                          AND NOT %(is_given)s
            """,
            due_date=reports._due_date_sql(),
            is_given=is_given,
            ids=reports.ids,
        )
