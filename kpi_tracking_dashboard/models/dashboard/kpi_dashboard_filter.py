from odoo import api, fields, models


class KpiDashboardFilter(models.Model):
    """What somebody has filtered a dashboard by, kept by a name of theirs."""

    _name = "kpi.dashboard.filter"
    _description = "Dashboard Filter"
    _inherit = ["kpi.input.mixin"]
    _order = "name, id"

    name = fields.Char(required=True)
    dashboard_id = fields.Many2one(
        "kpi.dashboard", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        index=True,
    )
    options = fields.Json()

    _name_uniq = models.UniqueIndex(
        "(dashboard_id, user_id, name)", "You have a filter with this name already."
    )

    @api.constrains("options")
    def _check_options(self):
        for kept in self:
            kept.dashboard_id._parse_options(kept.options or {})

    def write(self, vals):
        result = super().write(vals)
        if not {"user_id", "dashboard_id"}.isdisjoint(vals):
            # Odoo looks at the record before the change only.
            self.check_access("write")
        return result
