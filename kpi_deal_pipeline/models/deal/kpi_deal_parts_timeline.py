from odoo import fields, models
from odoo.tools import SQL, format_date

from odoo.addons.kpi_base.audit import parse_entry_values
from odoo.addons.kpi_base.percent import NARROW_SPACE


class KpiDeal(models.Model):
    """History of the shares and contacts of a deal, as the audit log has it."""

    _inherit = "kpi.deal"

    def _timeline_selects(self):
        return [
            *super()._timeline_selects(),
            self._select_parts("share"),
            self._select_parts("contact"),
        ]

    def _select_parts(self, kind):
        """Select entries as ``_select_commissions`` does, without parsing texts."""
        return SQL(
            """
            SELECT %(kind)s, log.id, log.id, log.user_id, log.recorded_at,
                   log.recorded_at, NULL::integer,
                   jsonb_build_object(
                       'event', log.event_type, 'text', log.text, 'agent', agent.name)
              FROM audit_logs AS log
         LEFT JOIN res_users AS login
                ON login.id = substring(log.text FROM '"agent":([0-9]{1,9})')::integer
         LEFT JOIN res_partner AS agent ON agent.id = login.partner_id
             WHERE log.model = 'kpi.deal'
               AND log.res_id = %(deal)s
               AND starts_with(log.event_type, %(events)s)
            """,
            kind=kind,
            deal=self.id,
            events=f"deal_{kind}_",
        )

    def _timeline_share(self, rows):
        titles = self.env["kpi.audit.log"]._event_labels()
        for row in rows:
            values = parse_entry_values(row["details"]["text"])
            yield {
                "title": titles.get(row["details"]["event"], ""),
                "lines": self._share_lines(row["details"]["agent"], values),
            }

    def _share_lines(self, agent, values):
        lines = [agent or ""]
        if values.get("percent"):
            lines.append(f"{float(values['percent']):g}{NARROW_SPACE}%")
        if values.get("from"):
            lines.append(self.env._("From %s", format_date(self.env, values["from"])))
        if values.get("to"):
            # Stored is the day after the last one.
            last = fields.Date.subtract(fields.Date.to_date(values["to"]), days=1)
            lines.append(self.env._("Until %s", format_date(self.env, last)))
        return lines

    def _timeline_contact(self, rows):
        titles = self.env["kpi.audit.log"]._event_labels()
        for row in rows:
            yield {"title": titles.get(row["details"]["event"], "")}
