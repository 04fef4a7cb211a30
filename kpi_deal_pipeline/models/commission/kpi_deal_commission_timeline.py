import json

from odoo import fields, models
from odoo.tools import SQL, format_amount

EVENTS = "deal_commission_%"


class KpiDeal(models.Model):
    """What happened to the commissions of a deal, told to those who may see them."""

    _inherit = "kpi.deal"

    def _timeline_entries(self):
        return [*super()._timeline_entries(), *self._timeline_commissions()]

    def _timeline_commissions(self):
        # Who sees the deal does not see what others earn with it.
        commissions = self.env["kpi.commission"].sudo(False)
        if not commissions.has_access("read"):
            return
        seen = set(commissions.search([("deal_id", "=", self.id)]).ids)
        logs = self._commission_logs()
        notes = self._commission_notes(logs)
        for log in logs:
            values = json.loads(log.text)["values"]
            if values["commission"] in seen:
                moment = fields.Datetime.to_string(log.recorded_at)
                yield (
                    log.id,
                    {
                        "key": f"commission-{log.id}",
                        "kind": "commission",
                        "title": self._commission_titles().get(log.event_type, ""),
                        "lines": self._commission_lines(values),
                        "note": notes.get(log.id, ""),
                        "by": log.user_id.name,
                        "effective_at": moment,
                        "recorded_at": moment,
                        "seconds": None,
                    },
                )

    def _commission_logs(self):
        return self.env["kpi.audit.log"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("event_type", "=like", EVENTS),
            ],
            order="seq",
        )

    def _commission_notes(self, logs):
        """Id of an entry → what somebody wrote with it."""
        notes = {}
        for text in self.env["kpi.audit.personal"].search(
            [("log_id", "in", logs.ids)], order="id"
        ):
            known = notes.get(text.log_id.id)
            notes[text.log_id.id] = f"{known}\n{text.text}" if known else text.text
        return notes

    def _commission_titles(self):
        return {
            "deal_commission_introduced": self.env._("Commission introduced"),
            "deal_commission_computed": self.env._("Commission computed"),
            "deal_commission_changed": self.env._("Commission changed"),
            "deal_commission_confirmed": self.env._("Commission confirmed"),
            "deal_commission_status_change": self.env._("Commission moved on"),
            "deal_commission_adjusted": self.env._("Commission adjusted"),
            "deal_commission_disputed": self.env._("Commission disputed"),
            "deal_commission_dispute_resolved": self.env._("Dispute decided"),
        }

    def _commission_lines(self, values):
        """Whose commission, how much, and where it stands."""
        commission = self.env["kpi.commission"].browse(values["commission"])
        statuses = dict(commission._fields["status"]._description_selection(self.env))
        lines = [commission.agent_id.name]
        if values.get("amount"):
            amount = float(values["amount"])
            lines.append(format_amount(self.env, amount, commission.currency_id))
        if values.get("from"):
            former = statuses.get(values["from"], "")
            lines.append(f"{former} → {statuses.get(values['status'], '')}")
        return lines

    def _differing_events(self):
        differing = set(super()._differing_events())
        told = self._commissions_told()
        adjusted = self._adjustments_told()
        last = {}
        for log in self._commission_logs():
            text = json.loads(log.text)
            values = text["values"]
            if log.event_type == "deal_commission_adjusted":
                if adjusted.pop(log.id, None) != (text["user_id"], values):
                    differing.add(log.seq)
            else:
                last[values["commission"]] = (log, values)
        for commission_id, (log, values) in last.items():
            log_id, row = told.get(commission_id, (None, {}))
            if log_id != log.id or any(values[name] != row[name] for name in row):
                differing.add(log.seq)
        return sorted(differing)

    def _commissions_told(self):
        """Id → (entry, the values that its last entry has), read as texts."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT commission.id AS commission, commission.agent_id AS agent,
                       commission.commission_amount::numeric(16, 2)::text AS amount,
                       coalesce(commission.basis_amount, 0)::numeric(16, 2)::text
                       AS basis, currency.name AS currency,
                       coalesce(commission.commission_rate, 0)::numeric(5, 4)::text
                       AS rate, commission.rule, commission.status,
                       commission.commission_type AS type, commission.audit_log_id
                  FROM agent_commission_records AS commission
                  JOIN res_currency AS currency ON currency.id = commission.currency_id
                 WHERE commission.deal_id = %s
                """,
                self.id,
            )
        )
        return {row["commission"]: (row.pop("audit_log_id"), row) for row in rows}

    def _adjustments_told(self):
        """Id of the entry → who booked it, and the values that the entry has."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT adjustment.audit_log_id, adjustment.recorded_by,
                       adjustment.adjustment_type,
                       adjustment.amount::numeric(16, 2)::text AS amount,
                       adjustment.billing_id AS billing,
                       adjustment.commission_id AS commission, adjustment.currency,
                       adjustment.origin
                  FROM agent_commission_adjustments AS adjustment
                  JOIN agent_commission_records AS commission
                    ON commission.id = adjustment.commission_id
                 WHERE commission.deal_id = %s
                """,
                self.id,
            )
        )
        return {row.pop("audit_log_id"): (row.pop("recorded_by"), row) for row in rows}
