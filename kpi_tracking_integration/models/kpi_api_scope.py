from odoo import api, models

from odoo.addons.kpi_base.roles import OFFICER


class KpiApiScope(models.Model):
    """To whom the scopes of this addon are of use."""

    _inherit = "kpi.api.scope"

    @api.model
    def _get_needed_groups(self):
        return {
            **super()._get_needed_groups(),
            "kpi.hooks": (OFFICER,),
        }
