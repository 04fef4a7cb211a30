from odoo import api, fields, models


class KpiTatDelay(models.TransientModel):
    """Asks for the delay reason of a decision that was made without one."""

    _name = "kpi.tat.delay"
    _description = "Delay Reason of a Decision"
    _inherit = ["kpi.approval.delay.mixin"]

    level_id = fields.Many2one("kpi.tat.level", "Decision", required=True)

    @api.depends("level_id")
    def _compute_subjects(self):
        return super()._compute_subjects()

    def _list_subjects(self):
        return self.level_id.request_id._list_decision_subjects()

    def _find_late_steps(self):
        # Readers of the clock, who were checked, see its decision.
        return self.level_id._filter_unexplained().sudo().step_id

    def action_confirm(self):
        """Note the reason, as the user."""
        self.ensure_one()
        self._check_delay()
        self._explain_delay(self.level_id)._add_delay_reason()
