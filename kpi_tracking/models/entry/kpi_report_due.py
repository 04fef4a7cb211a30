from datetime import date

from odoo import models
from odoo.tools import SQL

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)  # with working days known


class KpiReport(models.Model):
    """By when people's values are due."""

    _inherit = "kpi.report"

    def _due_dates(self, keys):
        """Due dates of entries, by one statement.

        :param keys: list of (report, ``Period``)
        :return: dict key → day, in the calendar of the KPI
        """
        keys = list(keys)
        if not keys:
            return {}
        stops = [period.stop for _report, period in keys]
        self._ensure_working_days(min(stops), max(stops))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(due_date)s
                  FROM unnest(%(ids)s::int[], %(stops)s::date[])
                       WITH ORDINALITY AS period(report_id, period_stop, place)
                  JOIN kpi_report AS report ON report.id = period.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN res_company AS company ON company.id = report.company_id
              ORDER BY period.place
                """,
                due_date=self._due_date_sql(),
                ids=[report.id for report, _period in keys],
                stops=stops,
            )
        )
        return {key: day for key, (day,) in zip(keys, rows, strict=True)}

    def _due_date_sql(self):
        """The n-th working day after a period; days are counted where no hours are set.

        Reads the rows ``period``, ``definition`` and ``company`` of a statement.
        """
        self.env["kpi.definition"].flush_model(["entry_due_days"])
        self.env["res.company"].flush_model(["resource_calendar_id"])
        return SQL(
            """
            CASE WHEN definition.entry_due_days = 0 THEN period.period_stop - 1
                 ELSE COALESCE(
                   (SELECT worked.day
                      FROM kpi_working_day AS worked
                     WHERE worked.calendar_id = company.resource_calendar_id
                       AND worked.day >= period.period_stop
                       AND worked.segments <> '{}'
                  ORDER BY worked.day
                    OFFSET greatest(definition.entry_due_days - 1, 0)
                     LIMIT 1),
                   period.period_stop + definition.entry_due_days - 1)
            END
            """
        )

    def _ensure_working_days(self, first, last):
        # Days are the engine's own; which of them are worked is no secret.
        reports = self.sudo()
        calendars = reports.company_id.resource_calendar_id
        if calendars:
            reports.env["kpi.working.day"]._ensure(
                calendars, max(first, FIRST_DAY), min(last, LAST_DAY)
            )
