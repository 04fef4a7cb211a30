from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..analytics.expected import Expected, ExpectedValues
from .numbers import Number

KEPT = timedelta(days=731)
SHOWN = {"day": 14, "week": 8, "month": 6, "quarter": 4, "year": 2}


class KpiPredictivePoint(models.Model):
    """A forecast of one period.

    The latest one of a KPI follows its values; that made as a period closed stays as
    it was, so that the accuracy shown is that of what was shown then.
    """

    _name = "kpi.predictive.point"
    _description = "KPI Period Forecast"
    _inherit = ["kpi.predictive.mixin"]
    _log_access = False
    _order = "report_id, is_latest desc, made_on desc, period_start"

    is_latest = fields.Boolean(required=True, readonly=True)
    made_on = fields.Date(string="Forecast Date", required=True, readonly=True)
    value = Number("Forecast")
    plain_value = Number("Without Planned Events")

    _latest_uniq = models.UniqueIndex(
        "(report_id, is_latest, made_on, period_start)",
        "This period already has a forecast.",
    )

    @api.autovacuum
    def _gc_old(self):
        oldest = fields.Date.today() - KEPT
        old = self.search([("is_latest", "=", False), ("made_on", "<", oldest)])
        old.unlink()

    @api.model
    def _read_expected(self, report_ids):
        """What is expected of the running and the coming periods, by one statement.

        :param report_ids: of ``kpi.report``; what the user may not see is left out
        :return: id of a KPI → ``ExpectedValues``, earliest period first
        """
        self.flush_model()
        self.env["kpi.predictive.analytics"].flush_model()
        # The visible query of the user.
        points = self._search(
            [("report_id", "in", list(report_ids)), ("is_latest", "=", True)]
        )
        if points.is_empty():
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT kpi_predictive_point.report_id,
                       kpi_predictive_point.period_start,
                       kpi_predictive_point.value, kpi_predictive_point.low_80,
                       kpi_predictive_point.high_80,
                       CASE WHEN known.period_start = kpi_predictive_point.period_start
                            THEN known.expected_status END,
                       known.due_on IS NULL OR known.due_on <= %(today)s OR EXISTS (
                         SELECT 1
                           FROM kpi_predictive_mark AS mark
                          WHERE mark.report_id = kpi_predictive_point.report_id),
                       tracked.frequency
                  FROM %(points)s
                  JOIN kpi_report AS tracked
                    ON tracked.id = kpi_predictive_point.report_id
             LEFT JOIN kpi_predictive_analytics AS known
                    ON known.kpi_id = kpi_predictive_point.report_id
                 WHERE (%(is_visible)s)
                   AND kpi_predictive_point.value IS NOT NULL
              ORDER BY kpi_predictive_point.period_start
                """,
                today=fields.Date.today(),
                points=points.from_clause,
                is_visible=points.where_clause or SQL("TRUE"),
            )
        )
        found = {}
        for report_id, start, value, low, high, status, is_stale, frequency in rows:
            known = found.setdefault(report_id, ExpectedValues(is_stale))
            if len(known.points) < SHOWN[frequency]:
                known.points[start] = Expected(value, low, high, status or "")
        return found
