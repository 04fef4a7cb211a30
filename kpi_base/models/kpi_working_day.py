from datetime import date

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.working_days import day_table, worked_seconds_sql


class KpiWorkingDay(models.Model):
    """Hours worked before each local day of a calendar, and those of the day.

    Joined by local day at both ends of a record, it gives the working time between
    them in SQL: ``engine/working_days.py`` writes the rows and the expressions.
    """

    _name = "kpi.working.day"
    _description = "KPI Working Day"
    _log_access = False
    _rec_name = "day"

    calendar_id = fields.Many2one(
        "resource.calendar", required=True, ondelete="cascade"
    )
    day = fields.Date(required=True)
    seconds_before = fields.Integer(
        required=True,
    )

    # and the column ``segments``, see ``init``

    _calendar_day_uniq = models.UniqueIndex("(calendar_id, day)")

    def init(self):
        # Open intervals: start, stop, start, stop, … in seconds since 1970, UTC. Odoo
        # has no field for arrays; one row per interval would make the join ambiguous.
        self.env.cr.execute(
            "ALTER TABLE kpi_working_day"
            " ADD COLUMN IF NOT EXISTS segments bigint[] NOT NULL DEFAULT '{}'"
        )

    @api.model
    def _refresh(self, calendars, first, last):
        """Let the table know the days from ``first`` to ``last``, both included.

        Days known before stay known, as one unbroken range. Nothing is written for a
        calendar whose hours and days are already there, and otherwise only the rows
        that differ.

        :return: the calendars whose rows changed
        :raises WorkTimeError: days outside of the years that can be computed
        """
        known = self._get_day_ranges(calendars)

        def extend(calendar):
            low, high = known.get(calendar.id, (first, last))
            return min(low, first), max(high, last)

        changed = calendars.browse()
        for days, same in calendars.grouped(extend).items():
            works = same._kpi_work_calendars(*days)
            for calendar in same:
                work = works[calendar.id]
                is_known = known.get(calendar.id) == days
                # Not the reader's calendar to change: it only remembers what is stored.
                stored = calendar.sudo()
                if is_known and stored.kpi_days_fingerprint == work.fingerprint:
                    continue
                self._write_days(calendar, day_table(work, *days))
                stored.kpi_days_fingerprint = work.fingerprint
                changed += calendar
        return changed

    @api.model
    def _ensure(self, calendars, first, last):
        """Let the table know the years of ``first`` to ``last``, where it does not."""
        known = self._get_day_ranges(calendars)
        first, last = date(first.year, 1, 1), date(last.year + 1, 12, 31)
        missing = calendars.filtered(
            lambda calendar: (
                calendar.id not in known
                or known[calendar.id][0] > first
                or known[calendar.id][1] < last
            )
        )
        if missing:
            self._refresh(missing, first, last)
            self.env.cr.execute("ANALYZE kpi_working_day")  # else joined row by row

    def _get_day_ranges(self, calendars):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT calendar_id, min(day), max(day)
                  FROM kpi_working_day
                 WHERE calendar_id = ANY(%s)
              GROUP BY calendar_id
                """,
                calendars.ids,
            )
        )
        return {calendar_id: (low, high) for calendar_id, low, high in rows}

    def _write_days(self, calendar, rows):
        execute_values(
            self.env.cr._obj,
            """
            INSERT INTO kpi_working_day AS known
                        (calendar_id, day, seconds_before, segments)
                 VALUES %s
            ON CONFLICT (calendar_id, day) DO UPDATE
                    SET seconds_before = excluded.seconds_before,
                        segments = excluded.segments
                  WHERE (known.seconds_before, known.segments)
                        IS DISTINCT FROM (excluded.seconds_before, excluded.segments)
            """,
            [
                (calendar.id, day, before, list(segments))
                for day, before, segments in rows
            ],
            template="(%s, %s, %s, %s::bigint[])",
            page_size=5000,
        )

    @api.model
    def _worked_seconds_sql(self, query, calendar, start, stop):
        """SQL of the working seconds between two columns; joins land on ``query``.

        :param start: ``SQL`` of a column with a moment in UTC, as is ``stop``
        """
        place = sum(alias.startswith("worked_") for alias in query._joins)
        rows = []
        for moment in (start, stop):
            alias = f"worked_{place + len(rows)}"
            rows.append(alias)
            query.add_join(
                "LEFT JOIN",
                alias,
                "kpi_working_day",
                SQL(
                    "%s = %s AND %s = ((%s AT TIME ZONE 'UTC') AT TIME ZONE %s)::date",
                    SQL.identifier(alias, "calendar_id"),
                    calendar.id,
                    SQL.identifier(alias, "day"),
                    moment,
                    calendar.tz,
                ),
            )
        # Both texts are column names: fields reached by joins carry no parameters.
        text = worked_seconds_sql(
            start.code, stop.code, start_day=rows[0], stop_day=rows[1]
        )
        return SQL(text, to_flush=(*start.to_flush, *stop.to_flush))
