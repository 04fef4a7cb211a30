from odoo import fields, models

from .kpi_dashboard_share import OFF


class ResConfigSettings(models.TransientModel):
    """Whether dashboards may be shared with people without an account."""

    _inherit = "res.config.settings"

    kpi_are_links_off = fields.Boolean("Turn off dashboard links", config_parameter=OFF)
