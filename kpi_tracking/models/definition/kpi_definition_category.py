from odoo import fields, models


class KpiDefinitionCategory(models.Model):
    """Subject under which KPIs are grouped in lists and dashboards."""

    _name = "kpi.definition.category"
    _description = "KPI Category"
    _inherit = ["kpi.input.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    definition_ids = fields.One2many("kpi.definition", "category_id", "KPIs")
