from odoo import fields, models


class ResUsersSettings(models.Model):
    """What people prefer when they earn something."""

    _inherit = "res.users.settings"

    kpi_has_confetti = fields.Boolean("Confetti", default=True)
