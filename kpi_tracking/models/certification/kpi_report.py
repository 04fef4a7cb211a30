from odoo import fields, models


class KpiReport(models.Model):
    """A tracked KPI has the badge of its definition."""

    _name = "kpi.report"
    _inherit = ["kpi.report", "kpi.certified.mixin"]

    certification = fields.Selection(related="definition_id.certification")
