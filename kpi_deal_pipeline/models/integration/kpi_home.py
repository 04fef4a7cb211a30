from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ... import roles

EARNINGS = "kpi_deal_pipeline.earnings"  # panel of the overview
OVERDUE = Domain("status", "=", "open") & Domain("expected_close_date", "<", "today")


class KpiHome(models.AbstractModel):
    """What waits for agents and their managers; each opens a list of just these."""

    _inherit = "kpi.home"

    @api.model
    def _list_waiting(self):
        """Managers also decide on what nobody is asked about."""
        waiting = super()._list_waiting()
        if self.env.user.has_group(roles.MANAGER):
            disputes, commissions = (
                SQL.identifier(self.env[name]._table)
                for name in ("kpi.commission.dispute", "kpi.commission")
            )
            waiting["approval"] = SQL(
                "%s UNION ALL SELECT FROM %s WHERE state = 'open'"
                " UNION ALL SELECT FROM %s WHERE status = 'pending'",
                waiting["approval"],
                disputes,
                commissions,
            )
        return waiting

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
