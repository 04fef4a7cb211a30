from datetime import date

from odoo import api, models


class KpiWorkingDay(models.Model):
    """The days on which entries fall due."""

    _inherit = "kpi.working.day"

    @api.model
    def _ensure(self, calendars, first, last):
        """Let the table know the years of ``first`` to ``last``, where it does not."""
        known = self._known_days(calendars)
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
