from odoo import api, models


class KpiTimer(models.AbstractModel):
    """Rules look at what has changed; alerts are escalated and told at their time."""

    _inherit = "kpi.timer"

    @api.model
    def _get_sweeps(self):
        # Messages last: one then tells of all that the others have found.
        return {
            **super()._get_sweeps(),
            "kpi.smart.alert": "_sweep_marks",
            "kpi.alert.event": "_sweep_steps",
            "kpi.alert.notice": "_sweep_due",
        }
