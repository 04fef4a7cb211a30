from odoo import fields, models


class KpiTag(models.Model):
    _name = "kpi.tag"
    _description = "KPI Tag"
    _inherit = ["kpi.input.mixin"]
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer()

    _name_uniq = models.UniqueIndex("(name)", "A tag with this name already exists.")
