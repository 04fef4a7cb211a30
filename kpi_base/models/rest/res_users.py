from odoo import fields, models


class ResUsers(models.Model):
    """Keys to the REST interface, on the user's own preferences."""

    _inherit = "res.users"

    kpi_api_key_ids = fields.One2many("kpi.api.key", "user_id", "KPI API Keys")

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "kpi_api_key_ids"]

    def action_kpi_api_key(self):
        """Make a key of one's own."""
        return self.env["kpi.api.key.wizard"]._action_open()
