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
