from odoo import api, models


class KpiTimer(models.AbstractModel):
    """Integrations that have long read nothing become stale."""

    _inherit = "kpi.timer"

    @api.model
    def _get_sweeps(self):
        return {**super()._get_sweeps(), "kpi.integration": "_sweep_stale"}
