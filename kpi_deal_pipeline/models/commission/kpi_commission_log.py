from odoo import api, models
from odoo.tools import SQL

from odoo.addons.kpi_tracking.models.audit.kpi_audit_log import AuditEvent

from .kpi_commission import exact

# Entries with which an amount is settled, or becomes another one.
PRICING = (
    "deal_commission_introduced",
    "deal_commission_computed",
    "deal_commission_changed",
    "deal_commission_confirmed",
)


class KpiCommission(models.Model):
    """Each change of a commission is an entry in the audit chain of its deal.

    The commission is as the last of its entries says; what it came to with each of them
    is kept as an event.
    """

    _name = "kpi.commission"
    _inherit = ["kpi.commission", "kpi.audited.state.mixin"]
    _audited_model = "kpi.deal"
    _audited_name = "commission"
    _audited_events = "deal_commission_"
    _audited_beside = ("deal_commission_adjusted", "deal_commission_priced")
    _audited_link = "deal_id"

    def _log(self, event_type, personal=None, **values):
        """Log each commission as it is now, in a constant number of statements.

        :param values: what else is known, such as the status before
        :param personal: name → text that somebody wrote
        """
        events = self.env["kpi.commission.event"]
        states = events._states(self, event_type in PRICING)
        entries = self.env["kpi.audit.log"]._append(
            [
                AuditEvent(
                    commission.deal_id,
                    event_type,
                    {
                        **commission._logged_values(),
                        **events._logged_values(state),
                        **values,
                    },
                    dict(personal or {}),
                )
                for commission, state in zip(self, states, strict=True)
            ]
        )
        self._link_entries(entries)
        events._insert(states, entries)
        return entries

    def _logged_values(self):
        """What a commission is, as its entries hold it beside what it comes to."""
        return {
            "basis": f"{exact(self.basis_amount):f}",
            "rate": f"{exact(self.commission_rate, 4):f}",
            "rule": self.rule,
            "type": self.commission_type,
        }

    @api.model
    def _audited_members(self):
        return {
            "agent": SQL("held.agent_id"),
            "amount": SQL("held.commission_amount::numeric(16, 2)::text"),
            "basis": SQL("coalesce(held.basis_amount, 0)::numeric(16, 2)::text"),
            "commission": SQL("held.id"),
            "currency": SQL(
                "(SELECT name FROM res_currency WHERE id = held.currency_id)"
            ),
            "rate": SQL("coalesce(held.commission_rate, 0)::numeric(5, 4)::text"),
            "rule": SQL("held.rule"),
            "status": SQL("held.status"),
            "type": SQL("held.commission_type"),
        }
