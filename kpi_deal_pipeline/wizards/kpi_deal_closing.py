from odoo import fields, models


class KpiDealClosing(models.TransientModel):
    """Right day of a closing, and why it was another one."""

    _name = "kpi.deal.closing"
    _description = "Correct Closing Date"

    deal_id = fields.Many2one("kpi.deal", required=True, ondelete="cascade")
    closed_on = fields.Date("Current Closing Date", related="deal_id.actual_close_date")
    day = fields.Date("New Closing Date", required=True)
    reason = fields.Text(required=True)

    def action_correct(self):
        self.ensure_one()
        self.deal_id._correct_closing(self.day, self.reason)
        return {"type": "ir.actions.act_window_close"}
