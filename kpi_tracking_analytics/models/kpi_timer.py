from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

PAUSE = timedelta(minutes=5)  # between runs: each looks for changed records too


class KpiTimer(models.AbstractModel):
    """What has become stale is analysed soon, not at the next regular run."""

    _inherit = "kpi.timer"

    @api.model
    def _get_sweeps(self):
        return {**super()._get_sweeps(), "kpi.predictive.analytics": "_sweep_stale"}


class KpiPredictiveAnalytics(models.Model):
    """Stale analyses are asked for, at most once in a while."""

    _inherit = "kpi.predictive.analytics"

    @api.model
    def _sweep_stale(self):
        """Queue a run where something changed; when to look again, or None."""
        if not self._has_marks():
            return None
        jobs = self.env["kpi.job"]
        last = jobs.search([("kind", "=", "analyse")], order="id desc", limit=1)
        if last.state in ("queued", "running"):
            return None  # what it does not read stays stale, and is seen after it
        next_run = last and last.create_date + PAUSE
        if next_run and next_run > fields.Datetime.now():
            return next_run
        jobs._enqueue_analysis()
        return None

    @api.model
    def _has_marks(self):
        """Whether a KPI that is analysed has changed since."""
        return bool(
            self.env.execute_query(
                SQL(
                    """
                    SELECT 1
                      FROM kpi_predictive_mark AS mark
                      JOIN kpi_report AS report ON report.id = mark.report_id
                      JOIN kpi_definition AS definition
                        ON definition.id = report.definition_id
                     WHERE report.active AND definition.active
                     LIMIT 1
                    """
                )
            )
        )
