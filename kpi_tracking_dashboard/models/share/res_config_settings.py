from odoo import fields, models

from .kpi_dashboard_share import OFF


class ResConfigSettings(models.TransientModel):
    """Whether dashboards may be shared with people without an account."""

    _inherit = "res.config.settings"

    kpi_are_links_off = fields.Boolean("No links to dashboards", config_parameter=OFF)
