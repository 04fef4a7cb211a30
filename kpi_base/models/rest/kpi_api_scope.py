from odoo import fields, models


class KpiApiScope(models.Model):
    """Scope that a key may reach; each addon brings those of its own routes."""

    _name = "kpi.api.scope"
    _description = "API Scope"
    _order = "code"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)

    _code_uniq = models.UniqueIndex("(code)", "A scope with this code already exists.")
