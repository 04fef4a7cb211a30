from odoo import api, models


class KpiTimer(models.AbstractModel):
    """A right that ends, ends for programs that read by SQL."""

    _inherit = "kpi.timer"

    @api.model
    def _get_sweeps(self):
        return {**super()._get_sweeps(), "kpi.bi.schema": "_sweep_allowed"}
