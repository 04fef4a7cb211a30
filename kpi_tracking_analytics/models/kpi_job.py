from odoo import api, fields, models

CHUNK = 1_000  # KPIs analysed at once, unless more of them add up


class KpiJob(models.Model):
    """Analyses that are stale are done again, after values and formulas."""

    _inherit = "kpi.job"

    kind = fields.Selection(
        selection_add=[("analyse", "Trends and Forecasts")],
        ondelete={"analyse": "cascade"},
    )

    @api.model
    def _enqueue_regular(self):
        result = super()._enqueue_regular()
        # What a run has not read yet is due after it.
        known = [("state", "in", ("queued", "running")), ("kind", "=", "analyse")]
        analytics = self.env["kpi.predictive.analytics"]
        if not self.search_count(known, limit=1) and analytics._find_due():
            self._enqueue_analysis()
        return result

    @api.model
    def _enqueue_analysis(self):
        return self._enqueue(self.env._("Trends and forecasts"), "analyse")

    def _run_analyse(self):
        """Analyse what is due, chunk by chunk; what was done is not due again."""
        analytics = self.env["kpi.predictive.analytics"]
        chunks = [(chunk,) for chunk in _cut(analytics._list_due())]
        return self._run_steps(self._analyse_chunk, chunks)

    def _analyse_chunk(self, report_ids):
        reports = self.env["kpi.report"].browse(report_ids)
        self.written_count += self.env["kpi.predictive.analytics"]._analyse(reports)
        # Screens that say “being updated” ask anew.
        reports._announce()


class KpiTimer(models.AbstractModel):
    """What has become stale is analysed soon, not at the next regular run."""

    _inherit = "kpi.timer"

    @api.model
    def _get_sweeps(self):
        return {**super()._get_sweeps(), "kpi.predictive.analytics": "_sweep_stale"}


class KpiEvent(models.AbstractModel):
    """Values that change make the analyses of their KPIs stale."""

    _inherit = "kpi.event"

    @api.model
    def _facts_changed(self, changes):
        self.env["kpi.predictive.analytics"]._mark_stale(
            changes.report_ids, changes.first_period
        )
        return super()._facts_changed(changes)

    @api.model
    def _current_changed(self, reports):
        """Targets, calendars and the way of adding up change what is expected."""
        today = fields.Date.today()
        self.env["kpi.predictive.analytics"]._mark_stale(reports.ids, today)
        return super()._current_changed(reports)


def _cut(due):
    """Lists of about ``CHUNK`` ids; what belongs together is in one.

    :param due: pairs (ids, whether they belong together)
    """
    chunk = []
    for ids, is_whole in due:
        size = len(ids) if is_whole else CHUNK
        for at in range(0, len(ids), size):
            part = ids[at : at + size]
            if chunk and len(chunk) + len(part) > CHUNK:
                yield chunk
                chunk = []
            chunk = [*chunk, *part]
    if chunk:
        yield chunk
