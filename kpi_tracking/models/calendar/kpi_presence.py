from datetime import timedelta

from odoo import models
from odoo.tools import SQL


class KpiPresence(models.AbstractModel):
    """How much of the periods of a company's calendar its people were away.

    ::

        rows = self.env["kpi.presence"]._read_absence(company, ["month"], first, last)
        away = [(user_id, start) for user_id, _grain, start, share in rows]
    """

    _name = "kpi.presence"
    _description = "User Presence"

    def _read_absence(
        self, company, grains, first, last, *, above=0.0, user_ids=(), calendar=None
    ):
        """Who was away, for statements that nobody reads: shares tell of illness.

        Their own working time counts, less leaves and the days before they joined and
        after they left; of a leave the days of which it takes both halves.

        :param grains: lengths of the periods that begin from ``first`` to ``last``
        :param above: share of a period, from 0 to 1, below which nobody is listed
        :param user_ids: people it is asked for; empty: all
        :param calendar: the company's, where it is known
        :return: list of user id, grain, first day and share
        """
        calendar = calendar or self.env["kpi.calendar"]._company_default(company)
        # Both know the year after that, too, and no period is 372 days long.
        stop = last + timedelta(days=7)
        calendar._ensure_days(first, stop)
        ours = [("company_id", "in", (False, company.id))]
        hours = self.env["resource.calendar"].search(ours)
        self.env["kpi.working.day"]._ensure(hours, first, stop)
        self.env.flush_all()
        query = SQL(
            """
            WITH period AS MATERIALIZED (
                SELECT day.grain, day.period_start, day.period_stop,
                       hours.id AS calendar_id,
                       until.seconds_before - since.seconds_before AS whole
                  FROM kpi_calendar_day AS day
            CROSS JOIN resource_calendar AS hours
                  JOIN kpi_working_day AS since
                    ON since.calendar_id = hours.id AND since.day = day.period_start
                  JOIN kpi_working_day AS until
                    ON until.calendar_id = hours.id AND until.day = day.period_stop
                 WHERE day.shape = %(shape)s
                   AND day.grain = ANY(%(grains)s)
                   AND day.day = day.period_start
                   AND day.day BETWEEN %(first)s AND %(last)s
            ),
            staff AS MATERIALIZED (
                SELECT employee.user_id, resource.calendar_id,
                       (SELECT range_agg(daterange(
                                 (leave.date_from AT TIME ZONE 'UTC'
                                  AT TIME ZONE resource.tz + interval '719 min')::date,
                                 (GREATEST(leave.date_to, leave.date_from)
                                  AT TIME ZONE 'UTC'
                                  AT TIME ZONE resource.tz + interval '719 min')::date))
                          FROM resource_calendar_leaves AS leave
                         WHERE leave.resource_id = resource.id
                           AND leave.time_type = 'leave')
                       AS leaves,
                       (SELECT datemultirange(
                                 daterange(NULL, min(version.contract_date_start)),
                                 daterange(((array_agg(COALESCE(
                                     version.departure_date,
                                     version.contract_date_end, 'infinity')
                                   ORDER BY version.date_version DESC))[1] + 1)::date,
                                   NULL))
                          FROM hr_version AS version
                         WHERE version.employee_id = employee.id
                           AND version.active
                        HAVING min(version.contract_date_start) IS NOT NULL)
                       AS outside
                  FROM hr_employee AS employee
                  JOIN resource_resource AS resource
                    ON resource.id = employee.resource_id
                 WHERE employee.company_id = %(company_id)s
                   AND employee.user_id IS NOT NULL
                   AND (%(is_of_all)s OR employee.user_id = ANY(%(user_ids)s))
            )
            SELECT staff.user_id, period.grain, period.period_start, 1.0
              FROM staff
              JOIN period ON period.calendar_id = staff.calendar_id
             WHERE period.whole = 0
             UNION
            SELECT away.user_id, period.grain, period.period_start,
                   1.0 * gone.seconds / period.whole
              FROM (
                SELECT user_id, calendar_id,
                       COALESCE(leaves, '{}') + COALESCE(outside, '{}') AS days
                  FROM staff
                 WHERE leaves IS NOT NULL OR outside IS NOT NULL
              ) AS away
              JOIN period
                ON period.calendar_id = away.calendar_id
               AND away.days && daterange(period.period_start, period.period_stop)
        CROSS JOIN LATERAL (
                SELECT sum(until.seconds_before - since.seconds_before) AS seconds
                  FROM unnest(away.days * datemultirange(daterange(
                         period.period_start, period.period_stop))) AS gap
                  JOIN kpi_working_day AS since
                    ON since.calendar_id = away.calendar_id AND since.day = lower(gap)
                  JOIN kpi_working_day AS until
                    ON until.calendar_id = away.calendar_id AND until.day = upper(gap)
              ) AS gone
             WHERE period.whole > 0 AND gone.seconds > %(above)s * period.whole
            """,
            shape=calendar._get_shape(),
            company_id=company.id,
            grains=list(grains),
            above=above,
            first=first,
            last=last,
            is_of_all=not user_ids,
            user_ids=list(user_ids),
        )
        return self.env.execute_query(query)
