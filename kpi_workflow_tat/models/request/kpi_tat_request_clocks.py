from odoo import models


class KpiTatRequest(models.Model):
    """Clocks of a request as its form shows them."""

    _inherit = "kpi.tat.request"

    def get_clocks(self):
        """Tell what the clocks of the present attempt show: see those of levels."""
        self.ensure_one()
        self.check_access("read")
        return self._find_shown_levels().get_clocks()

    def _find_shown_levels(self):
        """Clocks of the present attempt, without those that were never needed."""
        last = self.approval_round
        rows = self.level_ids.filtered(
            lambda row: (
                row.attempt == last
                and (row.level_start_time or row.decision == "later")
            )
        )
        return rows.sorted(lambda row: (row.level_number, row.id))
