from odoo import fields, models


class KpiDealClosing(models.TransientModel):
    """Right day of a closing, and why it was another one."""

    _name = "kpi.deal.closing"
    _description = "Correction of a Closing Day"

    deal_id = fields.Many2one("kpi.deal", required=True, ondelete="cascade")
    closed_on = fields.Date("So Far", related="deal_id.actual_close_date")
    day = fields.Date("Closed on", required=True)
    reason = fields.Text("Why", required=True)

    def action_correct(self):
        self.ensure_one()
        self.deal_id._correct_closing(self.day, self.reason)
        return {"type": "ir.actions.act_window_close"}
