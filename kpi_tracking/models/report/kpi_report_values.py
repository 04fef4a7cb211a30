from odoo import api, models
from odoo.tools import SQL

from ...engine.series import SeriesQuery, SeriesRows
from ..target.target_numbers import fetch_target_rows


class KpiReport(models.Model):
    """Values of many KPIs at once, in their own periods or in longer ones."""

    _inherit = "kpi.report"

    def _values(self, grain, first, last):
        """Values of these KPIs in the periods of ``grain`` that touch a range of days.

        :param grain, first, last: as for ``_series``
        :return: dict report → {first day of the period: value}, oldest first; a period
            without a value is left out
        :raises UserError: a KPI is not shown in periods of ``grain``
        """
        found = {}
        for series in self._series(grain, first, last, with_targets=False):
            found |= series.list_values()
        return {report: found.get(report.id, {}) for report in self}

    def _series_queries(self, grain, first, last):
        """Queries for these KPIs in the periods that touch a range of days.

        :param grain, first, last: as for ``_series``
        :return: yields pairs of a calendar and a ``SeriesQuery`` of KPIs in it
        """
        self.check_access("read")
        # What a KPI is made of is no secret to those who see it.
        reports = self.sudo()
        read_from = {
            kpi: (kpi.calendar_id, kpi._get_fact_grain(grain))
            for kpi in reports.definition_id
        }
        grouped = reports.grouped(lambda report: read_from[report.definition_id])
        for (calendar, fact_grain), kpis in grouped.items():
            periods = fine = calendar._periods(grain, first, last)
            if periods and fact_grain != grain:
                fine = calendar._periods_within(fact_grain, periods)
            if periods:
                yield calendar, kpis._series_query(calendar, periods, fine)

    def _series_query(self, calendar, periods, fine):
        """``SeriesQuery`` of these KPIs, as superuser."""
        made_of = [report.definition_id for report in self]
        return SeriesQuery(self.ids, made_of, periods, fine, calendar._today())

    @api.model
    def _read_series_rows(self, queries, basis, with_targets=True, fact_columns=None):
        """``SeriesRows`` of all KPIs of ``queries``, by three statements.

        :param queries: list of ``SeriesQuery``, at least one
        :param basis, with_targets: as for ``_series``
        :param fact_columns: SQL of more columns of ``kpi_measurement``
        """
        ids = [report_id for query in queries for report_id in query.report_ids]
        # Who sees a KPI sees what it is judged by.
        reports = self.sudo().browse(ids)
        has_stored = with_targets and basis != "today"
        return SeriesRows(
            ids,
            self._fact_rows(queries, fact_columns),
            fetch_target_rows(reports) if with_targets else [],
            self._fetch_stored_targets(queries, basis == "judged")
            if has_stored
            else [],
        )

    @api.model
    def _fact_rows(self, queries, more=None):
        """Report id, first day, value and weight of facts, and ``more`` columns."""
        return self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, value, weight%s
                  FROM kpi_measurement
                 WHERE %s
                """,
                SQL(", %s", more) if more else SQL(),
                query_periods_sql(queries),
            )
        )

    @api.model
    def _fetch_stored_targets(self, queries, with_judgements):
        """Fetch what periods are judged by, also open ones, by one statement.

        Periods that have the same targets are one row: most of a KPI have.

        :param with_judgements: also the values judged, and what was made of them
        """
        judgements = SQL(", judged_value, achievement, status, COALESCE(band, '')")
        judged_by = SQL(", judged_value, achievement, status, band")
        return self.env.execute_query(
            SQL(
                """
                SELECT report_id, array_agg(period_start), target, baseline, stretch,
                       range_low, range_high, (zones = 'five')::int, threshold_1,
                       threshold_2, threshold_3, threshold_4%s
                  FROM kpi_target_value
                 WHERE %s
              GROUP BY report_id, target, baseline, stretch, range_low, range_high,
                       zones, threshold_1, threshold_2, threshold_3, threshold_4%s
                """,
                judgements if with_judgements else SQL(),
                query_periods_sql(queries),
                judged_by if with_judgements else SQL(),
            )
        )


def query_periods_sql(queries):
    """Condition on rows that have a report, a grain and a first day.

    :param queries: ``SeriesQuery``, at least one
    """
    return SQL(" OR ").join(_query_periods_sql(query) for query in queries)


def _query_periods_sql(query):
    """As ``query_periods_sql``; the index is read from day to day only."""
    starts = [period.start for period in query.fine]
    return SQL(
        """
        (report_id = ANY(%(ids)s) AND grain = %(grain)s
         AND period_start BETWEEN %(first)s AND %(last)s
         AND period_start = ANY(%(starts)s))
        """,
        ids=query.report_ids,
        grain=query.fine[0].grain,
        first=min(starts),
        last=max(starts),
        starts=starts,
    )
