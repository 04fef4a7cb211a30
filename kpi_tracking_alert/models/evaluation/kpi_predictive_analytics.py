from odoo import models


class KpiPredictiveAnalytics(models.Model):
    """Rules look at trends, unusual values and chances once they are worked out."""

    _inherit = "kpi.predictive.analytics"

    def _store(self, series, found, grain):
        written = super()._store(series, found, grain)
        if written:
            self.env["kpi.smart.alert"]._mark(series.report_ids)
        return written
