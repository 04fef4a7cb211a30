from odoo import api, models


class KpiTimer(models.AbstractModel):
    """Alerts are escalated, recalled and told at their exact time."""

    _inherit = "kpi.timer"

    @api.model
    def _get_sweeps(self):
        # Messages last: one then tells of all that the others have found.
        return {
            **super()._get_sweeps(),
            "kpi.alert.event": "_sweep_steps",
            "kpi.alert.notice": "_sweep_due",
        }
