from odoo import api, models

from ...engine.series import make_series, stack_series
from ..target.target_numbers import TargetEvaluation


class KpiReport(models.Model):
    """Values of many KPIs beside their targets, and what these make of them."""

    _inherit = "kpi.report"

    def _series(self, grain, first, last, *, basis="stored", with_targets=True):
        """Values, targets and status of these KPIs as arrays: a row each.

        The one way to read many KPIs over periods that touch a range of days::

            for series in reports._series("month", date(2026, 1, 1), today):
                series.values[series.row_of[report.id]]  # NaN = no value
                series.targets.target, series.weights, series.statuses

        Facts stored in ``grain`` are taken as they are; else those of the KPI's own
        periods are rolled up as its additivity over time declares. The target of a
        longer period is the sum of those of its parts where the KPI adds up, else the
        last of them. A running period is judged by the part of its target that is due.
        Three statements, however many KPIs and calendars; those of targets set by
        rules come on top.

        :param grain: period length
        :param first, last: local days, both included; periods at the edges are complete
        :param basis: how closed periods are shown, also as parts of longer ones:
            "judged": with the value, the target and the judgement of then; "stored":
            with the value of now by the target stored, as the KPI and its lists say;
            "today": with the value of now by the targets that hold today
        :param with_targets: else neither targets nor a status
        :return: list of ``engine.series.Series``, one per calendar, none without
            periods
        :raises AccessError: the user may not see one of the KPIs
        :raises UserError: a KPI is not shown in periods of ``grain``
        """
        asked = list(self._series_queries(grain, first, last))
        found = {}
        all_series = self._read_series(
            [query for _calendar, query in asked], basis, with_targets
        )
        for (calendar, _query), series in zip(asked, all_series, strict=True):
            found.setdefault(calendar, []).append(series)
        return [stack_series(parts) for parts in found.values()]

    @api.model
    def _read_series(self, queries, basis="stored", with_targets=True, rows=None):
        """``Series`` of each of the queries, whoever may see the KPIs.

        :param queries: list of ``SeriesQuery``
        :param basis, with_targets: as for ``_series``
        :param rows: what ``_read_series_rows`` returns, where it has been read
        """
        if not queries:
            return []
        if rows is None:
            rows = self._read_series_rows(queries, basis, with_targets)
        return [
            self._make_series(query, rows.of(query.report_ids), basis, with_targets)
            for query in queries
        ]

    @api.model
    def _make_series(self, query, rows, basis, with_targets):
        targets = None
        if with_targets:
            # Who sees a KPI sees what it is judged by.
            reports = self.sudo().browse(query.report_ids)
            # What rules say of periods that have begun is stored.
            settled = 0 if basis == "today" else query.begun_count
            targets = TargetEvaluation(
                reports, query.fine, rows=rows.targets, settled=settled
            ).targets()
        return make_series(query, rows, targets, basis)

    def _get_judged_values(self, grain, first, last, as_judged=True):
        """Values of these KPIs, judged, in the periods that touch a range of days.

        :param grain, first, last: as for ``_series``
        :param as_judged: closed periods with the value and the target that they were
            judged by then; else today's values by today's targets
        :return: dict report → {first day of the period: ``Judged``}, oldest first; a
            period with neither value nor target is left out
        :raises UserError: a KPI is not shown in periods of ``grain``
        """
        found = {}
        basis = "judged" if as_judged else "today"
        for series in self._series(grain, first, last, basis=basis):
            found |= series.list_judged()
        return {report: found.get(report.id, {}) for report in self}
