from odoo import api, models


class KpiApiScope(models.Model):
    """To whom the scopes of this addon are of use."""

    _inherit = "kpi.api.scope"

    @api.model
    def _get_needed_groups(self):
        return {
            **super()._get_needed_groups(),
            "bi.read": ("kpi_bi_dashboard.kpi_bi_dashboard_group_user",),
            "bi.write": ("kpi_bi_dashboard.kpi_bi_dashboard_group_analyst",),
        }
