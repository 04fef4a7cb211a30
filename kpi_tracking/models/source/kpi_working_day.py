from datetime import date

from odoo import api, models


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
