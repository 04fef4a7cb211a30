from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.addons.kpi_tracking.tests.models.entered_case import EnteredCase

NOW = "2026-03-11 12:00:00"
FIRST = date(2023, 1, 1)
MONTHS = 38  # closed ones, up to February 2026
SEASON = (0, -5, 3, 8, 2, -4, -9, 0, 6, 12, 4, 15)


def months(values, first=FIRST):
    """First day of each month as text → value."""
    return {
        f"{first + relativedelta(months=number):%Y-%m}": value
        for number, value in enumerate(values)
        if value is not None
    }


def seasonal(count=MONTHS, level=100.0, slope=1.0):
    """A rising series with a season of twelve months, and a little noise."""
    return [
        level + slope * at + SEASON[at % 12] + (at * 7919 % 11 - 5) / 5
        for at in range(count)
    ]


class AnalysisCase(EnteredCase):
    """KPIs with two years of months, analysed in March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analytics = cls.env["kpi.predictive.analytics"]
        cls.points = cls.env["kpi.predictive.point"]

    def _analyse(self, *reports, now=NOW):
        with self._at(now):
            return self.analytics._analyse(self.env["kpi.report"].union(*reports))

    def _forecast(self, report):
        return self.analytics.search([("kpi_id", "=", report.id)])

    def _trend(self, report):
        return self.env["kpi.trend.analysis"].search([("kpi_id", "=", report.id)])

    def _latest(self, report):
        domain = [("report_id", "=", report.id), ("is_latest", "=", True)]
        return self.points.search(domain, order="period_start")
