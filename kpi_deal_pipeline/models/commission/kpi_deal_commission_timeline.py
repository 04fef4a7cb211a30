from odoo import models
from odoo.tools import SQL, format_amount

from odoo.addons.kpi_base.audit import parse_entry_values


class KpiDeal(models.Model):
    """Timeline of the commissions of a deal, for those who may see them."""

    _inherit = "kpi.deal"

    def _timeline_selects(self):
        return [*super()._timeline_selects(), self._select_commissions()]

    def _select_commissions(self):
        """Select entries, as ``_timeline_selects``, of all commissions of the deal.

        What happened to them stands in the audit log only. Its texts are searched and
        not parsed by the database: they may have been tampered with.
        """
        return SQL(
            """
            SELECT 'commission', log.id, log.id, log.user_id, log.recorded_at,
                   log.recorded_at, NULL::integer,
                   jsonb_build_object(
                       'event', log.event_type,
                       'text', log.text,
                       'commission', commission.id,
                       'currency', commission.currency_id,
                       'agent', agent.name)
              FROM audit_logs AS log
              JOIN agent_commission_records AS commission
                ON commission.id
                   = substring(log.text FROM '"commission":([0-9]{1,9})')::integer
              JOIN res_users AS login ON login.id = commission.agent_id
              JOIN res_partner AS agent ON agent.id = login.partner_id
             WHERE log.model = 'kpi.deal'
               AND log.res_id = %s
               AND starts_with(log.event_type, 'deal_commission_')
            """,
            self.id,
        )

    def _timeline_rows(self):
        """Hide the commissions of others from those who see only the deal."""
        kinds = super()._timeline_rows()
        told = kinds.get("commission", [])
        # Read as superuser, shown to those who may read them.
        commissions = (
            self.env["kpi.commission"]
            .sudo(False)
            .browse({row["details"]["commission"] for row in told})
        )
        seen = set(commissions._filtered_access("read").ids)
        kinds["commission"] = [
            row for row in told if row["details"]["commission"] in seen
        ]
        return kinds

    def _timeline_commission(self, rows):
        titles = self.env["kpi.audit.log"]._event_labels()
        for row in rows:
            told = row["details"]
            values = parse_entry_values(told["text"])
            title = titles.get(f"{told['event']} {values.get('status')}")
            yield {
                "title": title or titles.get(told["event"], ""),
                "lines": self._commission_lines(told, values),
            }

    def _commission_lines(self, told, values):
        """Return the agent, the amount and the status of a commission."""
        commissions = self.env["kpi.commission"]
        statuses = dict(commissions._fields["status"]._description_selection(self.env))
        lines = [told["agent"]]
        if values.get("amount"):
            currency = self.env["res.currency"].browse(told["currency"])
            lines.append(format_amount(self.env, float(values["amount"]), currency))
        if values.get("from"):
            former = statuses.get(values["from"], "")
            lines.append(f"{former} → {statuses.get(values['status'], '')}")
        if values.get("in_place_of"):
            # Logged by whoever decided; the name is shown to who sees the entry.
            absent = self.env["res.users"].sudo().browse(values["in_place_of"])
            lines.append(self.env._("In place of %s", absent.name))
        return lines
