from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import GRAINS, period_of, utc_bounds

CHUNK = 10_000  # KPIs looked at in one transaction
LOCK = 1_262_570_850  # of evaluations
BUSY = timedelta(seconds=2)  # until another server is done with its chunk


class KpiTimer(models.AbstractModel):
    """Rules look soon at what has changed, and at what a new day changes."""

    _inherit = "kpi.timer"

    @api.model
    def _get_sweeps(self):
        return {**super()._get_sweeps(), "kpi.smart.alert": "_sweep_marks"}


class KpiSmartAlert(models.Model):
    """A chunk of the KPIs that are marked, evaluated in one transaction."""

    _inherit = "kpi.smart.alert"

    @api.model
    def _sweep_marks(self):
        """Evaluate the KPIs marked first.

        :return: the present moment where more are marked, else when a calendar has a
            new day
        """
        # Released with the transaction. Whoever began to read before that finds the
        # marks gone when taking them, and is run again.
        self.env.cr.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,))
        if not self.env.cr.fetchone()[0]:
            return fields.Datetime.now() + BUSY
        tomorrow = self._mark_new_days()
        marks = self._take_marks()
        if not marks:
            return tomorrow
        initial = {
            (alert_id, report_id)
            for report_id, alert_ids in marks
            for alert_id in alert_ids or ()
        }
        self._evaluate([report_id for report_id, _alert_ids in marks], initial)
        return fields.Datetime.now() if len(marks) == CHUNK else tomorrow

    @api.model
    def _take_marks(self):
        """Remove the marks of the KPIs marked first: their ids, of rules turned on."""
        return self.env.execute_query(
            SQL(
                """
                WITH first AS (
                    SELECT report_id
                      FROM kpi_alert_mark
                  GROUP BY report_id
                  ORDER BY min(id)
                     LIMIT %s
                ),
                taken AS (
                    DELETE FROM kpi_alert_mark AS mark
                     USING first
                     WHERE first.report_id = mark.report_id
                 RETURNING mark.report_id, mark.alert_id
                )
                SELECT report_id,
                       array_agg(DISTINCT alert_id) FILTER (WHERE alert_id IS NOT NULL)
                  FROM taken
              GROUP BY report_id
                """,
                CHUNK,
            )
        )

    @api.model
    def _mark_new_days(self):
        """Mark what a new day of a calendar changes, once a day.

        Those are KPIs whose periods have closed, and those that a rule looks at day by
        day.

        :return: when the next calendar has a new day, None without a rule
        """
        moments, new, closed = [], [], []
        self.flush_model(["active", "state"])
        self.env["kpi.definition"].flush_model(["calendar_id"])
        for calendar_id, before in self.env.execute_query(
            SQL(
                """
                SELECT calendar.id, known.day
                  FROM kpi_calendar AS calendar
             LEFT JOIN kpi_alert_day AS known ON known.calendar_id = calendar.id
                 WHERE EXISTS (SELECT FROM kpi_definition
                                WHERE calendar_id = calendar.id)
                   AND EXISTS (SELECT FROM kpi_smart_alert
                                WHERE active AND state = 'on')
                """
            )
        ):
            calendar = self.env["kpi.calendar"].browse(calendar_id)
            spec, today = calendar._spec(), calendar._today()
            day = period_of(spec, "day", today)
            moments.append(utc_bounds(spec, day)[1])
            if before != today:
                new.append((calendar_id, today))
                closed += [
                    (calendar_id, grain)
                    for grain in GRAINS
                    if not before or before not in period_of(spec, grain, today)
                ]
        if new:
            rules = self.search([("state", "=", "on")])
            self.env.cr.execute(rules._mark_new_days_sql(new, closed))
        return min(moments, default=None)

    def _mark_new_days_sql(self, new, closed):
        """The statement that keeps the days, and marks what these rules look at.

        :param new: pairs (calendar id, its day)
        :param closed: pairs (calendar id, length of the periods that have closed)
        """
        return SQL(
            """
            WITH new_day AS (
                INSERT INTO kpi_alert_day AS known (calendar_id, day)
                SELECT * FROM unnest(%(calendars)s::int[], %(days)s::date[])
                    ON CONFLICT (calendar_id) DO UPDATE SET day = excluded.day
             RETURNING calendar_id
            )
            INSERT INTO kpi_alert_mark (report_id)
            SELECT DISTINCT pair.report_id
              FROM (%(pairs)s) AS pair
              JOIN kpi_smart_alert AS rule ON rule.id = pair.alert_id
              JOIN kpi_report AS report ON report.id = pair.report_id
              JOIN kpi_definition AS definition ON definition.id = report.definition_id
              JOIN new_day ON new_day.calendar_id = definition.calendar_id
             WHERE rule.judge_running
                OR rule.condition = 'no_data'
                OR (definition.calendar_id, definition.frequency) IN (
                    SELECT * FROM unnest(%(closed)s::int[], %(grains)s::varchar[]))
            """,
            calendars=[calendar_id for calendar_id, _day in new],
            days=[day for _calendar_id, day in new],
            pairs=self._watched_sql(),
            closed=[calendar_id for calendar_id, _grain in closed],
            grains=[grain for _calendar_id, grain in closed],
        )
