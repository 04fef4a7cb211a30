from datetime import date

from odoo import api, models
from odoo.tools import SQL


class KpiCurrencyRate(models.Model):
    """The days whose rates KPIs look at."""

    _inherit = "kpi.currency.rate"

    @api.model
    def _refresh(self, *, force=False):
        self.env["kpi.definition"].flush_model(
            ["active", "computation", "history_start", "kind", "unit"]
        )
        return super()._refresh(force=force)

    @api.model
    def _first_day_sql(self):
        """SELECT of the first day that KPIs look at.

        Open records are priced on the day they were opened, however long ago: as soon
        as a KPI counts such amounts, rates are known from the first one on.
        """
        return SQL(
            """
            SELECT CASE WHEN bool_or(kind = 'stock' AND unit = 'currency')
                        THEN '-infinity' ELSE min(history_start) - 366
                   END AS first_day
              FROM kpi_definition
             WHERE active
               AND computation = 'records'
            """
        )


class KpiWorkingDay(models.Model):
    """The working hours that KPIs count."""

    _inherit = "kpi.working.day"

    @api.model
    def _refresh_used(self):
        """Know the days of all working hours that KPIs count."""
        definitions = self.env["kpi.definition"].search(
            [("computation", "=", "records"), ("working_calendar_id", "!=", False)]
        )
        if not definitions:
            return
        first = min(definitions.mapped("history_start"))
        today = definitions[0].calendar_id._today()
        self._refresh(
            definitions.working_calendar_id,
            date(first.year - 1, 1, 1),
            date(today.year + 1, 12, 31),
        )
