from odoo import models


class KpiTatRequest(models.Model):
    """Clocks of a request as its form shows them."""

    _inherit = "kpi.tat.request"

    def get_clocks(self):
        """Tell what the clocks of the present attempt show: see those of levels."""
        self.ensure_one()
        self.check_access("read")
        rows = self._find_shown_levels()
        told = rows.get_clocks()
        counts = self._count_group_people(rows)
        for row, clock in zip(rows, told["clocks"], strict=True):
            if counts.get(row):
                clock["person"] = self.env._("One of %s people", counts[row])
        return told

    def _find_shown_levels(self):
        """Clocks of the present attempt, without those that are not needed any more.

        Of a group, which has one time, that of the reader or the first.
        """
        rows = self.level_ids.filtered(
            lambda row: row.attempt == self.approval_round and row.decision != "closed"
        )
        shared = rows.filtered(lambda row: row._is_shared())
        shown = rows - shared
        for same in shared.grouped("level_number").values():
            own = same.filtered(lambda row: row.approver_id == self.env.user)
            shown |= (own or same.sorted("id"))[:1]
        return shown.sorted(lambda row: (row.level_number, row.id))

    def _count_group_people(self, rows):
        """Clock of a group that nobody has claimed → number of people asked."""
        return {
            row: len(
                self.level_ids.filtered(
                    lambda one, row=row: (
                        one._is_shared()
                        and one.attempt == row.attempt
                        and one.level_number == row.level_number
                    )
                )
            )
            for row in rows
            if row._is_shared()
        }
