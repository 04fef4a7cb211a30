from odoo import fields, models


class KpiJob(models.Model):
    """A job that counts to three, one committed step after the other."""

    _inherit = "kpi.job"

    kind = fields.Selection(
        selection_add=[("count", "Count to three")], ondelete={"count": "cascade"}
    )

    def _run_count(self):
        self.step_count = 3
        while self.step_done_count < 3:
            if self._is_cancelled():
                self._finish("cancelled")
                return True
            if not self._run_step(self._count_one):
                self._queue_again()
                return False
        self._finish("done")
        return True

    def _count_one(self):
        self.written_count += 1
