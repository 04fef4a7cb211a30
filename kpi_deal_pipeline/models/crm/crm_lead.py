from collections import defaultdict

from odoo import api, fields, models

from ..deal.kpi_deal_duplicates import SAME
from ..deal.kpi_deal_stage import CLOSED_STAGES

STATE = {"active", "lost_reason_id", "probability", "stage_id", "type"}
SYNCED = STATE | SAME.keys()
CHANGED = "kpi_deal_pipeline.changed_leads"


class CrmLead(models.Model):
    """Opportunities whose deals follow them.

    Only what differs is written, on either side: where both agree nothing is, and that
    is what ends it. Deals follow when a transaction ends, or before they are looked
    for: opportunities that are changed one by one cost no more than CRM itself.
    """

    _inherit = "crm.lead"

    deal_ids = fields.One2many("kpi.deal", "lead_id", "Deals")

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._note_changed()
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
        brought._note_changed({*names, "team_id", "stage_id"})
        (self - brought)._note_changed(names)
        return result

    def _note_changed(self, names=SYNCED):
        """Have deals follow changed fields when the transaction ends."""
        hooks = self.env.cr.precommit
        changed = hooks.data.setdefault(CHANGED, {})
        if self and not changed:
            hooks.add(self.browse()._sync_changed)
        # As who changed it: not everybody may reopen deals.
        person = self.env.uid, tuple(self.env.context.get("allowed_company_ids") or ())
        for lead in self:
            changed.setdefault(person, {}).setdefault(lead.id, set()).update(names)

    @api.model
    def _sync_changed(self):
        """Have the deals of opportunities follow that changed so far."""
        changed = self.env.cr.precommit.data.pop(CHANGED, {})
        for (user_id, company_ids), names in changed.items():
            leads = self.with_user(user_id).browse(names).exists()
            leads = leads.with_context(allowed_company_ids=[*company_ids])
            leads._sync_deals({lead: names[lead.id] for lead in leads})

    def _sync_deals(self, names=None):
        """Bring deals in line with their opportunities, make those that are missing.

        :param names: lead → names of changed fields; default: all fields
        """
        # Who changes an opportunity changes its deal, without other rights on deals.
        deals = self.env["kpi.deal"].sudo().with_context(active_test=False)
        by_lead = deals.search([("lead_id", "in", self.ids)]).grouped("lead_id")
        # As above.
        wanted = self.sudo().filtered(
            lambda lead: lead.type == "opportunity" and lead.team_id.has_deals
        )
        missing = wanted.filtered(lambda lead: lead not in by_lead)
        # As above.
        known = self.sudo().filtered(lambda lead: lead in by_lead)
        if not (known or missing):
            return
        maps = self.env["kpi.deal.crm.stage"]._maps((known | missing).team_id)
        same = defaultdict(deals.browse)
        for lead in known:
            changed = names[lead] if names else SYNCED
            deal = by_lead[lead]
            values = lead._prepare_deal_changes(deal, changed, maps)
            same[tuple(values.items()), deal.status == "open"] |= deal
        for (values, is_open), equal in same.items():
            if values:
                values = dict(values)
                note = "" if is_open else self._get_move_note(values)
                equal.with_context(move_note=note).write(values)
        deals.create([lead._new_deal_values(maps[lead.team_id]) for lead in missing])

    def _get_move_note(self, values):
        """Why a closed or cancelled deal gets ``values``, for its history."""
        if values.get("pipeline_stage") in CLOSED_STAGES:
            return self.env._("Changed in CRM")
        return self.env._("The opportunity was reopened in CRM.")

    def _prepare_deal_changes(self, deal, names, maps):
        """What of ``names`` differs on the deal of an opportunity."""
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
            values |= self._differing_state(deal, names, maps[self.team_id])
        return values

    def _agrees_with(self, deal, name):
        if name == "expected_revenue":
            amount = deal.company_currency_id.round(deal.company_amount)
            differs = deal.company_currency_id.compare_amounts
            return not (deal.is_unpriced or differs(amount, self.expected_revenue))
        return self[name] == deal[SAME[name]]

    def _deal_value(self, name):
        return self._fields[name].convert_to_write(self[name], self)

    def _differing_state(self, deal, names, stages):
        """Stage and status of an opportunity, as far as its deal has others.

        The deal stays in a stage that CRM does not know until somebody moves the
        opportunity.
        """
        stage, status = self._deal_state(stages, deal.pipeline_stage)
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
        self._sync_changed()
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
