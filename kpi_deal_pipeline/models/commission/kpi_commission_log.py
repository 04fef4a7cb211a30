from odoo import api, models
from odoo.tools import SQL

from odoo.addons.kpi_tracking.models.audit.kpi_audit_log import AuditEvent

from .kpi_commission import exact


class KpiCommission(models.Model):
    """Each change of a commission is an entry in the audit chain of its deal.

    The commission is as the last of its entries says.
    """

    _name = "kpi.commission"
    _inherit = ["kpi.commission", "kpi.audited.row.mixin"]
    _audited_model = "kpi.deal"

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

    @api.model
    def _audited_entries(self, only):
        """The last entry of each commission."""
        return SQL(
            """
            SELECT DISTINCT ON (substring(text FROM '"commission":[0-9]+')) *
              FROM audit_logs
             WHERE model = 'kpi.deal'
               AND starts_with(event_type, 'deal_commission_')
               AND event_type <> 'deal_commission_adjusted'
               AND %s
          ORDER BY substring(text FROM '"commission":[0-9]+'), seq DESC
            """,
            only(SQL("res_id")),
        )

    @api.model
    def _audited_rows(self, only):
        members = {
            "agent": SQL("commission.agent_id"),
            "amount": SQL("commission.commission_amount::numeric(16, 2)::text"),
            "basis": SQL("coalesce(commission.basis_amount, 0)::numeric(16, 2)::text"),
            "commission": SQL("commission.id"),
            "currency": SQL(
                "(SELECT name FROM res_currency WHERE id = commission.currency_id)"
            ),
            "rate": SQL("coalesce(commission.commission_rate, 0)::numeric(5, 4)::text"),
            "rule": SQL("commission.rule"),
            "status": SQL("commission.status"),
            "type": SQL("commission.commission_type"),
        }
        return SQL(
            """
            SELECT commission.id, commission.audit_log_id AS log_id,
                   commission.deal_id AS res_id, NULL::integer AS user_id,
                   ARRAY[%(told)s] AS told
              FROM agent_commission_records AS commission
             WHERE %(only)s
            """,
            told=SQL(", ").join(
                self._canonical_members({name: column})
                for name, column in members.items()
            ),
            only=only(SQL("commission.deal_id")),
        )

    @api.model
    def _audited_fit(self):
        """The entry has all of these members; beside them, what else was known."""
        return SQL(
            """
            NOT EXISTS (SELECT FROM unnest(told.told) AS member
                         WHERE strpos(replace(log.text, '}', ','), member || ',') = 0)
            """
        )
