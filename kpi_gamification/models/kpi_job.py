from math import ceil

from odoo import fields, models

from .kpi_achievement_correction import MOST


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
        """A step for each period of a company, then those for corrections.

        What was decided is known by its row: a run that was cut off goes on with the
        rest.
        """
        closings = self.env["kpi.achievement.closing"]
        stale = [("is_stale", "=", True)]
        marked = self.env["kpi.achievement.correction"].search_count(stale)

        def step(*due):
            return closings._close(*due) if due else closings._review_marked()

        reviews = [()] * ceil(marked / MOST)
        return self._run_steps(step, [*closings._find_due(), *reviews])
