from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class KpiCommissionPlan(models.Model):
    """Statements for all who were paid by a plan."""

    _inherit = "kpi.commission.plan"

    def action_make_statements(self):
        """Draft the statements of the last period that has ended, and show them."""
        self.check_access("write")
        made = self.env["kpi.commission.statement"]
        for plan in self:
            made |= plan._make_statements(*plan._last_period())
        if not made:
            raise UserError(
                self.env._("Nobody earned anything with this plan in the last period.")
            )
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "kpi_deal_pipeline.kpi_commission_statement_action"
            ),
            "domain": [("id", "in", made.ids)],
        }

    def _last_period(self):
        start, _stop = self._period_of(fields.Date.context_today(self))
        return self._period_of(start - timedelta(days=1))

    def _make_statements(self, start, stop):
        """Statements of the period, drafted where there are none of its days yet."""
        agents = self.commission_ids.filtered(
            lambda each: each.earned_on and each.earned_on < stop
        ).agent_id
        key = [
            ("company_id", "=", self.company_id.id),
            ("currency_id", "=", self.currency_id.id),
            ("date_from", "<", stop),
            ("date_to", ">", start),
        ]
        statements = self.env["kpi.commission.statement"]
        known = statements.search([*key, ("agent_id", "in", agents.ids)])
        return known | statements.create(
            [
                {
                    "agent_id": agent.id,
                    "company_id": self.company_id.id,
                    "currency_id": self.currency_id.id,
                    "date_from": start,
                    "date_to": stop,
                }
                for agent in agents - known.agent_id
            ]
        )
