from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class KpiDeal(models.Model):
    """Deals that stay longer in a stage than is usual there."""

    _inherit = "kpi.deal"

    is_rotting = fields.Boolean(
        "Too Long in Stage", compute="_compute_rotting", search="_search_is_rotting"
    )
    rotting_days = fields.Integer(
        "Days in Stage",
        compute="_compute_rotting",
        help="Shown when the deal has been in its stage longer than usual.",
    )

    @api.depends("pipeline_stage", "stage_since", "status")
    def _compute_rotting(self):
        now = fields.Datetime.now()
        norms = self.env["kpi.deal.stage"]._norms()
        for deal in self:
            norm = norms.get(deal.pipeline_stage)
            days = (now - (deal.stage_since or now)).days
            deal.is_rotting = deal.status == "open" and norm and days >= norm
            deal.rotting_days = deal.is_rotting and days

    def _search_is_rotting(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        late = Domain.OR(
            Domain("pipeline_stage", "=", stage)
            & Domain("stage_since", "<=", now - timedelta(days=days))
            for stage, days in self.env["kpi.deal.stage"]._norms().items()
        )
        domain = Domain("status", "=", "open") & late
        return domain if True in value else ~domain
