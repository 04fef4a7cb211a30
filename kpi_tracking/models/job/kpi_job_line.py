from odoo import fields, models


class KpiJobLine(models.Model):
    """Differences that the nightly check found in a chunk."""

    _inherit = "kpi.job.line"

    drift_count = fields.Integer("Differences")
