from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.deal.kpi_deal_stage import CLOSED_STAGES, PIPELINE_STAGES


class KpiDealMove(models.TransientModel):
    """Details of a move: its reason, and the moment it took effect."""

    _name = "kpi.deal.move"
    _description = "Move Deals"

    deal_ids = fields.Many2many("kpi.deal", string="Deals", required=True)
    to_stage = fields.Selection(PIPELINE_STAGES, "Stage", required=True)
    moved_at = fields.Datetime("Since", help="Leave empty to use the current time.")
    note = fields.Text()
    lost_reason_id = fields.Many2one("crm.lost.reason")
    is_reopening = fields.Boolean(compute="_compute_is_reopening")

    @api.depends("deal_ids")
    def _compute_is_reopening(self):
        for move in self:
            move.is_reopening = any(deal.status != "open" for deal in move.deal_ids)

    def action_move(self):
        self.ensure_one()
        self.deal_ids.check_access("write")
        if all(deal.pipeline_stage == self.to_stage for deal in self.deal_ids):
            raise UserError(
                self.env._("The deal is already in this stage. Choose another one.")
            )
        values = {"pipeline_stage": self.to_stage}
        if self.to_stage == "closed_lost":
            values["lost_reason_id"] = self.lost_reason_id.id
        told = {"move_note": self.note, "moved_at": self.moved_at}
        self.deal_ids.with_context(**told).write(values)
        return {"type": "ir.actions.act_window_close"}


class KpiDealReopening(models.TransientModel):
    """Reason for which a closed or cancelled deal is reopened."""

    _name = "kpi.deal.reopening"
    _description = "Reopen Deal"

    deal_id = fields.Many2one("kpi.deal", required=True, ondelete="cascade")
    to_stage = fields.Selection(PIPELINE_STAGES, "Returns to Stage", readonly=True)
    has_commissions = fields.Boolean(compute="_compute_has_commissions")
    was_won = fields.Boolean(compute="_compute_was_won")
    is_overdue = fields.Boolean(compute="_compute_is_overdue")
    expected_close_date = fields.Date(
        "New Expected Close",
        help="Leave empty to keep the current one, which has passed.",
    )
    reason = fields.Text(required=True)

    @api.depends("deal_id")
    def _compute_has_commissions(self):
        for reopening in self:
            reopening.has_commissions = bool(reopening.deal_id.commission_ids)

    @api.depends("deal_id")
    def _compute_was_won(self):
        for reopening in self:
            reopening.was_won = reopening.deal_id.status == "closed_won"

    @api.depends("deal_id.expected_close_date", "to_stage")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for reopening in self:
            day = reopening.deal_id.expected_close_date
            is_open = reopening.to_stage not in CLOSED_STAGES
            reopening.is_overdue = is_open and day and day < today

    def action_reopen(self):
        self.ensure_one()
        self.deal_id._reopen(self.reason, self.to_stage)
        if self.is_overdue and self.expected_close_date:
            self.deal_id.expected_close_date = self.expected_close_date
        return {"type": "ir.actions.act_window_close"}


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
