from odoo import fields, models
from odoo.exceptions import UserError

from ..models.deal.kpi_deal_stage import PIPELINE_STAGES


class KpiDealMove(models.TransientModel):
    """Details of a move: its reason, and the moment it took effect."""

    _name = "kpi.deal.move"
    _description = "Move Deals"

    deal_ids = fields.Many2many("kpi.deal", string="Deals", required=True)
    to_stage = fields.Selection(PIPELINE_STAGES, "Stage", required=True)
    moved_at = fields.Datetime("Since", help="When the move happened. Empty: now.")
    note = fields.Text()
    lost_reason_id = fields.Many2one("crm.lost.reason")

    def action_move(self):
        self.ensure_one()
        self.deal_ids.check_access("write")
        if all(deal.pipeline_stage == self.to_stage for deal in self.deal_ids):
            raise UserError(
                self.env._("The deal is in this stage already: choose another one.")
            )
        values = {"pipeline_stage": self.to_stage}
        if self.to_stage == "closed_lost":
            values["lost_reason_id"] = self.lost_reason_id.id
        told = {"move_note": self.note, "moved_at": self.moved_at}
        self.deal_ids.with_context(**told).write(values)
        return {"type": "ir.actions.act_window_close"}
