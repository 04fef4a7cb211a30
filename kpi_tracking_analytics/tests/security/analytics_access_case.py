from odoo.tests import TransactionCase

from odoo.addons.kpi_tracking.tests.security.access_case import PERIOD, KpiAccessMixin

MODELS = {
    "kpi.trend.analysis": "kpi_id",
    "kpi.predictive.analytics": "kpi_id",
    "kpi.predictive.point": "report_id",
    "kpi.predictive.total": "report_id",
    "kpi.anomaly": "report_id",
}


class AnalyticsAccessCase(KpiAccessMixin, TransactionCase):
    """The people and KPIs of ``access_oracle.py``, with what was worked out of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        records = super()._make_records()
        reports = cls.env["kpi.report"].union(*cls.report.values())
        cls.env["kpi.predictive.analytics"]._analyse(reports)
        cls.env["kpi.anomaly"].create(
            [
                {
                    "report_id": report.id,
                    "kind": "spike",
                    "period_start": PERIOD,
                    "period_last": PERIOD,
                    "oddest_start": PERIOD,
                    "value": 1.0,
                }
                for report in reports
            ]
        )
        return {
            **records,
            **{
                model: {
                    key: cls.env[model].search([(name, "=", report.id)])[:1]
                    for key, report in cls.report.items()
                }
                for model, name in MODELS.items()
            },
        }
