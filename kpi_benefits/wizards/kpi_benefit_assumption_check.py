from odoo import fields, models

from ..models.kpi_benefit_assumption import RESULTS


class KpiBenefitAssumptionCheck(models.TransientModel):
    """Asks whether an assumption holds, and when to check again."""

    _name = "kpi.benefit.assumption.check"
    _description = "Assumption Check"
    _inherit = ["kpi.input.mixin"]

    assumption_id = fields.Many2one("kpi.benefit.assumption", required=True)
    status = fields.Selection(RESULTS, "Outcome", required=True, default="holds")
    note = fields.Char("Evidence")
    review_date = fields.Date("Next Check")

    def action_confirm(self):
        """Store the result."""
        self.ensure_one()
        self.assumption_id._note_check(self.status, self.review_date, self.note)
        return {"type": "ir.actions.act_window_close"}
