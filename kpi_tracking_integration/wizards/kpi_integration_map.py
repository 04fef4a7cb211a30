from odoo import fields, models

from odoo.addons.kpi_base.actions import CLOSE


class KpiIntegrationMap(models.TransientModel):
    """Dialog that asks who somebody of another system is here."""

    _name = "kpi.integration.map"
    _description = "Map External Person"
    _inherit = ["kpi.input.mixin"]

    integration_id = fields.Many2one("kpi.integration", required=True)
    text = fields.Char("External User", required=True)
    user_id = fields.Many2one(
        "res.users", "Odoo User", required=True, domain=[("share", "=", False)]
    )

    def action_map(self):
        """Read the text as this person from now on."""
        self.ensure_one()
        self.integration_id._map_person(self.text, self.user_id)
        return CLOSE
