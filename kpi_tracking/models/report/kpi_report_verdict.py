from odoo import models

from ...engine.verdict import Verdict, list_standings


class KpiReport(models.Model):
    """How a KPI stands, in one place for all that say it."""

    _inherit = "kpi.report"

    def _get_verdicts(self):
        """How each KPI stands now, by a constant number of statements.

        What forms, cards, messages and answers say of the state of a KPI comes from
        here, with the period that it is about::

            verdict = report._get_verdicts()[report]
            verdict.running.label  # "Nov 2026"
            verdict.running.judged.status  # "on_target": so far
            verdict.outlook.chance  # 14.0, that "Nov 2026" reaches its target
            verdict.closed.label  # "Oct 2026"

        :return: dict report → ``Verdict``
        """
        periods_of = {report: report._get_verdict_periods() for report in self}
        return {
            report: Verdict(standings[-1], *standings[-2:-1] or [None])
            for report, standings in self._get_standings(periods_of).items()
        }

    def _get_standings(self, periods_of):
        """How KPIs stood in their periods, by a constant number of statements.

        :param periods_of: dict report → its periods, of its own length
        :return: dict report → ``Standing`` of each period
        """
        found = self._series_in(periods_of) if periods_of else {}
        judged_of = {
            report_id: judged
            for series in {id(one): one for one in found.values()}.values()
            for report_id, judged in series.list_judged().items()
        }
        standings = {}
        for report, periods in periods_of.items():
            judged = judged_of[report._origin.id]
            calendar = report.definition_id.calendar_id
            labels = calendar._period_labels(periods)
            standings[report] = list_standings(
                periods, labels, judged, calendar._today(), report.direction
            )
        return standings

    def _get_verdict_periods(self):
        """The last closed period, as ``Verdict`` has it, and the one that runs."""
        calendar = self.definition_id.calendar_id
        running = calendar._period(self.frequency, calendar._today())
        latest = self._current_period()
        is_over = latest and latest.stop <= running.start
        closed = latest if is_over else calendar._period_before(running)
        return [closed, running] if closed else [running]
