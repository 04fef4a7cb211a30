from odoo import api, fields, models
from odoo.fields import Domain

from ... import roles

EARNINGS = "kpi_deal_pipeline.earnings"  # panel of the overview
# What managers decide, never on what is their own: kind of need → of approval.
KINDS = {"deal_dispute": "kpi.commission.dispute", "deal_commission": "kpi.commission"}
OVERDUE = Domain("status", "=", "open") & Domain("expected_close_date", "<", "today")


class KpiHome(models.AbstractModel):
    """What waits for agents and their managers; each opens a list of just these."""

    _inherit = "kpi.home"

    @api.model
    def _list_counted(self, role):
        found = super()._list_counted(role)
        user = self.env.user
        if user.has_group(roles.AGENT):
            mine = Domain("agent_id", "=", self.env.uid)
            found += [
                {
                    "kind": "deal_statement",
                    "model": "kpi.commission.statement",
                    "domain": mine & Domain("state", "=", "issued"),
                    "text": self.env._("Commission statements: %s"),
                    "action": "kpi_deal_pipeline.kpi_commission_statement_action",
                    "context": {
                        "search_default_mine": 1,
                        "search_default_to_acknowledge": 1,
                    },
                },
                {
                    "kind": "deal_overdue",
                    "model": "kpi.deal",
                    "domain": mine & OVERDUE,
                    "text": self.env._("Your deals past expected close: %s"),
                    "action": "kpi_deal_pipeline.kpi_deal_action_overdue",
                    "context": {"search_default_own": 1},
                },
            ]
        if user.has_group(roles.MANAGER):
            is_led = Domain("is_led_by_me", "=", True)
            found.append(
                {
                    "kind": "deal_team_overdue",
                    "model": "kpi.deal",
                    "domain": Domain("agent_id", "!=", self.env.uid) & is_led & OVERDUE,
                    "text": self.env._("Your team's deals past expected close: %s"),
                    "action": "kpi_deal_pipeline.kpi_deal_action_overdue",
                    "context": {"search_default_led": 1},
                }
            )
            found += self._prepare_deal_manager_counts()
        return found

    @api.model
    def _get_panels(self):
        """Add the own expected earnings, which the panel asks for itself."""
        panels = super()._get_panels()
        if self.env.user.has_group(roles.AGENT):
            today = fields.Date.context_today(self)
            plans = self.env["kpi.commission.plan"]
            if plans._find_for(self.env.user, self.env.companies, today):
                panels[EARNINGS] = True
        return panels

    @api.model
    def _get_start_panels(self):
        """Leave the earnings out: they are no way to a first KPI."""
        panels = super()._get_start_panels()
        return {key: content for key, content in panels.items() if key != EARNINGS}

    @api.model
    def _prepare_deal_manager_counts(self):
        """As many as the list of approvals shows of each kind."""
        texts = {
            "deal_dispute": self.env._("Disputes: %s"),
            "deal_commission": self.env._("Commissions: %s"),
        }
        return [
            {
                "kind": kind,
                "model": "kpi.approval.item",
                "domain": Domain("kind", "=", model),
                "text": texts[kind],
                "action": "kpi_base.kpi_approval_step_action_mine",
                "context": {"search_default_kind": model},
            }
            for kind, model in KINDS.items()
        ]
