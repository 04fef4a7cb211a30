from odoo import fields, models


class KpiJob(models.Model):
    """Decides achievements, some days after each period."""

    _inherit = "kpi.job"

    kind = fields.Selection(
        selection_add=[("award", "Achievements")], ondelete={"award": "cascade"}
    )

    def _enqueue_regular(self):
        result = super()._enqueue_regular()
        if self.env["kpi.achievement.closing"]._find_due():
            self._enqueue_awards()
        return result

    def _enqueue_awards(self):
        # Whoever changes a value causes it; jobs are the engine's.
        jobs = self.sudo()
        return jobs._enqueue(jobs.env._("Achievements"), "award")

    def _run_award(self):
        """A step for each period of a company, then one for corrections.

        What was decided is known by its row: a run that was cut off goes on with the
        rest.
        """
        closings = self.env["kpi.achievement.closing"]
        corrections = self.env["kpi.achievement.correction"]
        is_marked = [("is_stale", "=", True)]
        while True:
            due = closings._find_due()
            marked = corrections.search_count(is_marked, limit=1)
            if not due and not marked:
                break
            self.step_count = self.step_done_count + len(due) + marked
            if self._is_cancelled():
                self._finish("cancelled")
                return True
            step = (closings._close, *due[0]) if due else (closings._review_marked,)
            if not self._run_step(*step):
                self._queue_again()
                return False
        self._finish("done")
        return True
