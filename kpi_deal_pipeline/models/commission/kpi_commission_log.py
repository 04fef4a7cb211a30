from odoo import models

from odoo.addons.kpi_tracking.models.audit.kpi_audit_log import AuditEvent

from .kpi_commission import exact


class KpiCommission(models.Model):
    """Each change of a commission is an entry in the audit chain of its deal."""

    _inherit = "kpi.commission"

    def _log(self, event_type, personal=None, **values):
        """Log each commission as it is now, in one statement.

        :param values: what else is known, such as the status before
        :param personal: name → text that somebody wrote
        """
        events = [
            AuditEvent(
                commission.deal_id,
                event_type,
                {**commission._logged_values(), **values},
                dict(personal or {}),
            )
            for commission in self
        ]
        entries = self.env["kpi.audit.log"]._append(events)
        self._link_entries(entries)
        return entries

    def _logged_values(self):
        """What a commission is, as its entries hold it."""
        amount = self.commission_amount
        return {
            "agent": self.agent_id.id,
            "amount": None if amount is False else f"{exact(amount):f}",
            "basis": f"{exact(self.basis_amount):f}",
            "commission": self.id,
            "currency": self.currency_id.name,
            "rate": f"{exact(self.commission_rate, 4):f}",
            "rule": self.rule,
            "status": self.status,
            "type": self.commission_type,
        }

    def _link_entries(self, entries):
        self.flush_recordset()
        self.env.cr.execute(
            """
            UPDATE agent_commission_records AS commission
               SET audit_log_id = entry.log_id
              FROM unnest(%s::int[], %s::int[]) AS entry (commission_id, log_id)
             WHERE commission.id = entry.commission_id
            """,
            (self.ids, entries.ids),
        )
        self.invalidate_recordset(["audit_log_id"])
