from odoo import api, fields, models

from .crm_lead import SAME

STATE = {"lost_reason_id", "pipeline_stage", "status"}
FOLLOWED = STATE | set(SAME.values()) | {"currency_id"}


class KpiDeal(models.Model):
    """Deals whose opportunities follow them."""

    _inherit = "kpi.deal"

    lead_id = fields.Many2one(
        "crm.lead",
        "Opportunity",
        copy=False,
        readonly=True,
        ondelete="set null",
        groups="sales_team.group_sale_salesman",
    )

    _lead_id_uniq = models.UniqueIndex(
        "(lead_id) WHERE lead_id IS NOT NULL", "This opportunity already has a deal."
    )

    def write(self, vals):
        result = super().write(vals)
        if not FOLLOWED.isdisjoint(vals):
            # Who changes a deal changes its opportunity, without other rights in CRM.
            for deal in self.sudo().filtered("lead_id"):
                deal._sync_lead(vals.keys())
        return result

    @api.model
    def _price_late(self):
        # Read as in “write”: the job may do all.
        waiting = self.with_context(active_test=False).search(
            [("is_unpriced", "=", True), ("lead_id", "!=", False)]
        )
        result = super()._price_late()
        for deal in waiting.filtered(lambda deal: not deal.is_unpriced):
            deal._sync_lead({"estimated_value_amount"})
        return result

    def _sync_lead(self, names):
        """Write what of ``names`` differs to the opportunity of a deal."""
        lead = self.lead_id
        if "currency_id" in names:
            names = {*names, "estimated_value_amount"}
        values = {
            name: self._lead_value(own)
            for name, own in SAME.items()
            if own in names and not lead._agrees_with(self, name)
        }
        if self.agent_id.share:
            values.pop("user_id", None)
        if self.is_unpriced:
            # CRM knows no amount that is not there; it follows once there is a rate.
            values.pop("expected_revenue", None)
        if "user_id" in values:
            values["team_id"] = self.team_id.id  # CRM would look for one of its own
        if not STATE.isdisjoint(names):
            self._sync_lead_state(lead)
        if values:
            lead.write(values)

    def _lead_value(self, name):
        if name == "estimated_value_amount":
            return self.company_currency_id.round(self.company_amount)
        value = self[name]
        return value.id if isinstance(value, models.BaseModel) else value

    def _sync_lead_state(self, lead):
        """Win, lose, archive or move the opportunity as its deal was."""
        stages = self.env["kpi.deal.crm.stage"]._maps(lead.team_id)[lead.team_id]
        if lead._deal_state(stages, self.pipeline_stage) == (
            self.pipeline_stage,
            self.status,
        ):
            return
        if self.status == "closed_won":
            lead.action_set_won()
        elif self.status == "closed_lost":
            lead.action_set_lost(lost_reason_id=self.lost_reason_id.id)
        elif self.status == "cancelled":
            lead.active = False
        else:
            values = self._open_lead_values(lead, stages)
            if values:
                lead.write(values)

    def _open_lead_values(self, lead, stages):
        """Prepare what leads an opportunity back to, or on to, the deal's stage.

        It stays in its stage if that stands for the deal's, or if none does.
        """
        values = {}
        if not lead.active or lead.won_status != "pending":
            values = {"active": True, "lost_reason_id": False}
            values["probability"] = min(100 * self.confidence, 99)
        fitting = [
            stage for stage, mine in stages.items() if mine == self.pipeline_stage
        ]
        if fitting and lead.stage_id not in fitting:
            values["stage_id"] = fitting[0].id
        return values
