from odoo import api, models


class KpiTimer(models.AbstractModel):
    """Reminders to the second, and the end of holds."""

    _inherit = "kpi.timer"

    @api.model
    def _get_sweeps(self):
        return {
            **super()._get_sweeps(),
            "kpi.tat.level": "_sweep_due",
            "kpi.tat.hold": "_sweep_due",
        }

    @api.model
    def _get_read_committed(self):
        return super()._get_read_committed() | {"kpi.tat.level", "kpi.tat.hold"}
