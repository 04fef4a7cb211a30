from odoo import api, fields, models


class KpiApiScope(models.Model):
    """Scope that a key may reach; each addon brings those of its own routes."""

    _name = "kpi.api.scope"
    _description = "API Scope"
    _order = "code"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)

    _code_uniq = models.UniqueIndex("(code)", "A scope with this code already exists.")

    @api.depends("name", "code")
    def _compute_display_name(self):
        """Name in words and as programs and refusals call it."""
        for scope in self:
            scope.display_name = f"{scope.name} ({scope.code})"
