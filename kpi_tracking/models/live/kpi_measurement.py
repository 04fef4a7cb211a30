from odoo import api, models


class KpiMeasurement(models.Model):
    _inherit = "kpi.measurement"

    @api.model
    def _upsert(self, grain, rows, *, source, **options):
        result = super()._upsert(grain, rows, source=source, **options)
        # Also what changed in periods that are not the current ones.
        self.env["kpi.report"].browse(result.report_ids)._announce()
        return result
