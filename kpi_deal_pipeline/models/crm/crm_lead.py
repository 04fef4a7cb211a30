from odoo import api, fields, models

from ..deal.kpi_deal_duplicates import SAME

STATE = {"active", "lost_reason_id", "probability", "stage_id", "type"}
SYNCED = STATE | SAME.keys()


class CrmLead(models.Model):
    """Opportunities whose deals follow them.

    Only what differs is written, on either side: where both agree nothing is, and that
    is what ends it.
    """

    _inherit = "crm.lead"

    deal_ids = fields.One2many("kpi.deal", "lead_id", "Deals")

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._sync_deals()
        return leads

    def write(self, vals):
        if SYNCED.isdisjoint(vals):
            return super().write(vals)
        before = {lead: (lead.team_id, lead.stage_id) for lead in self}
        result = super().write(vals)
        names = vals.keys() & SYNCED
        # Another salesperson can bring another team, and that another stage.
        brought = self.filtered(
            lambda lead: (lead.team_id, lead.stage_id) != before[lead]
        )
        brought._sync_deals({*names, "team_id", "stage_id"})
        (self - brought)._sync_deals(names)
        return result

    def action_set_lost(self, **additional_values):
        # Odoo archives first, and says why and that it is lost afterwards: on the way
        # the deal would be cancelled.
        self.write({**additional_values, "probability": 0, "automated_probability": 0})
        return super().action_set_lost(**additional_values)

    def _sync_deals(self, names=SYNCED):
        """Bring deals in line with changed fields, make those that are missing."""
        # Who changes an opportunity changes its deal, without other rights on deals.
        deals = self.env["kpi.deal"].sudo().with_context(active_test=False)
        by_lead = deals.search([("lead_id", "in", self.ids)]).grouped("lead_id")
        # As above.
        wanted = self.sudo().filtered(
            lambda lead: lead.type == "opportunity" and lead.team_id.has_deals
        )
        # As above.
        for lead in self.sudo():
            if lead in by_lead:
                lead._sync_deal(by_lead[lead], names)
        missing = wanted.filtered(lambda lead: lead not in by_lead)
        maps = self.env["kpi.deal.crm.stage"]._maps(missing.team_id)
        deals.create([lead._new_deal_values(maps[lead.team_id]) for lead in missing])

    def _sync_deal(self, deal, names):
        """Write what of ``names`` differs to the deal of an opportunity."""
        values = {
            own: value
            for name, own in SAME.items()
            if name in names
            and not self._agrees_with(deal, name)
            and ((value := self._deal_value(name)) or name != "user_id")
        }
        if "estimated_value_amount" in values:
            values["currency_id"] = self.company_currency.id or deal.currency_id.id
        if not STATE.isdisjoint(names):
            values |= self._differing_state(deal, names)
        if values:
            deal.write(values)

    def _agrees_with(self, deal, name):
        if name == "expected_revenue":
            amount = deal.company_currency_id.round(deal.company_amount)
            differs = deal.company_currency_id.compare_amounts
            return not (deal.is_unpriced or differs(amount, self.expected_revenue))
        return self[name] == deal[SAME[name]]

    def _deal_value(self, name):
        return self._fields[name].convert_to_write(self[name], self)

    def _differing_state(self, deal, names):
        """Stage and status of an opportunity, as far as its deal has others.

        The deal stays in a stage that CRM does not know until somebody moves the
        opportunity.
        """
        maps = self.env["kpi.deal.crm.stage"]._maps(self.team_id)
        stage, status = self._deal_state(maps[self.team_id], deal.pipeline_stage)
        if status == deal.status == "open" and "stage_id" not in names:
            return {}
        if (stage, status) == (deal.pipeline_stage, deal.status):
            return {}
        if deal.status != "open" and status != deal.status:
            # Opening closed deals again is the managers', whichever way they take.
            deal.sudo(False)._check_may_reopen()
        if stage != deal.pipeline_stage:
            values = {"pipeline_stage": stage}
            if status == "closed_lost":
                values["lost_reason_id"] = self._deal_lost_reason()
            return values
        return {"status": status}

    def _deal_state(self, stages, default):
        """(stage, status) that the deal should have."""
        if self.won_status == "won":
            return "closed_won", "closed_won"
        if self.won_status == "lost":
            return "closed_lost", "closed_lost"
        stage = stages.get(self.stage_id, default)
        if stage.startswith("closed"):
            stage = "lead_captured"
        return stage, "open" if self.active else "cancelled"

    def _deal_lost_reason(self):
        not_known = self.env.ref("kpi_deal_pipeline.crm_lost_reason_not_known")
        return (self.lost_reason_id or not_known).id

    def _new_deal_values(self, stages):
        company = self.company_id or self.team_id.company_id or self.env.company
        stage, status = self._deal_state(stages, "lead_captured")
        agent = self.user_id or self.team_id.user_id or self.env.user
        values = {
            **{own: self._deal_value(name) for name, own in SAME.items()},
            "lead_id": self.id,
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            "agent_id": agent.id,
            "confidence": self.probability / 100,
            "lead_source": self.source_id.name,
            "opened_at": min(self.create_date, fields.Datetime.now()),
            "pipeline_stage": stage,
            "status": status,
        }
        if status == "closed_lost":
            values["lost_reason_id"] = self._deal_lost_reason()
        if stage.startswith("closed") and self.date_closed:
            closed = max(self.date_closed, values["opened_at"])
            local = fields.Datetime.context_timestamp(self, closed)
            values["actual_close_date"] = local.date()
        return values

    def _merge_dependences(self, opportunities):
        """One deal goes on with the merged opportunity; the others are cancelled."""
        result = super()._merge_dependences(opportunities)
        # Merging opportunities merges their deals, whoever may see those.
        deals = (self | opportunities).sudo().with_context(active_test=False).deal_ids
        # As above.
        kept = self.sudo().deal_ids[:1] or deals.sorted("id")[:1]
        others = deals - kept
        others.lead_id = False
        kept.lead_id = self
        going_on = others.filtered(lambda deal: deal.status == "open")
        if going_on:
            note = self.env._("Merged into %s", kept.title)
            going_on.action_cancel()
            for deal in going_on:
                deal._message_log(body=note)
        return result
