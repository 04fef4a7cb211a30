from odoo import api, models
from odoo.tools import SQL

from ...engine import working_days


class KpiWorkingDay(models.Model):
    """Working time between two moments, within a statement."""

    _inherit = "kpi.working.day"

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
        text = working_days.worked_seconds_sql(
            start.code, stop.code, start_day=rows[0], stop_day=rows[1]
        )
        return SQL(text, to_flush=(*start.to_flush, *stop.to_flush))
