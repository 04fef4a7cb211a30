from odoo import fields, models

from .kpi_definition import OTHERS_ONLY


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kpi_certify_others_only = fields.Boolean(
        "Certify changes of others only", config_parameter=OTHERS_ONLY
    )
