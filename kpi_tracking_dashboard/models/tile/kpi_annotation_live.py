from odoo import api, models


class KpiAnnotation(models.Model):
    """A note is a mark on each chart of its KPI: screens hear of it as of a value."""

    _inherit = "kpi.annotation"

    @api.model_create_multi
    def create(self, vals_list):
        notes = super().create(vals_list)
        notes.report_id._announce()
        return notes

    def write(self, vals):
        before = self.report_id
        result = super().write(vals)
        (before | self.report_id)._announce()
        return result

    def unlink(self):
        reports = self.report_id
        result = super().unlink()
        reports._announce()
        return result
