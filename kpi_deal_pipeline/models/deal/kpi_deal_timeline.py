from odoo import models
from odoo.tools import SQL, format_amount, format_date

from odoo.addons.kpi_base.percent import format_percent


class KpiDeal(models.Model):
    """A deal's moves and values in their order."""

    _name = "kpi.deal"
    _inherit = ["kpi.deal", "kpi.timeline.mixin"]

    def _timeline_selects(self):
        return [
            *super()._timeline_selects(),
            self._select_moves(),
            self._select_values(),
        ]

    def _select_moves(self):
        return SQL(
            """
            SELECT 'stage', event.id, event.audit_log_id, event.changed_by,
                   event.effective_at, event.recorded_at, stages.seconds,
                   jsonb_build_object('from', event.from_stage, 'to', event.to_stage)
              FROM (%s) AS stages
              JOIN agent_deal_stage_events AS event ON event.id = stages.id
            """,
            self.env["kpi.deal.stage.event"]._durations_sql(self),
        )

    def _timeline_stage(self, rows):
        stages = dict(self._fields["pipeline_stage"]._description_selection(self.env))
        for row in rows:
            before = stages.get(row["details"]["from"])
            after = stages[row["details"]["to"]]
            yield {
                "title": self.env._(
                    "Stage: %(stage)s",
                    stage=f"{before} → {after}" if before else after,
                )
            }

    def _select_values(self):
        return SQL(
            """
            SELECT 'value', event.id, event.audit_log_id, event.changed_by,
                   event.effective_at, event.recorded_at, NULL::integer,
                   jsonb_build_object(
                       'cause', event.cause,
                       'amount', event.estimated_value_amount,
                       'currency', event.currency_id,
                       'confidence', event.confidence,
                       'agent', agent.name,
                       'asset_type', event.asset_type,
                       'day', event.expected_close_date,
                       'status', event.status)
              FROM agent_deal_value_events AS event
              JOIN res_users AS login ON login.id = event.agent_id
              JOIN res_partner AS agent ON agent.id = login.partner_id
             WHERE event.deal_id = %s
            """,
            self.id,
        )

    def _timeline_value(self, rows):
        causes = {
            "opened": self.env._("Deal opened"),
            "late_rate": self.env._("Converted at a late exchange rate"),
            "corrected": self.env._("Closing date corrected"),
        }
        before = {}
        for row in rows:
            texts = self._value_texts(row["details"])
            lines = {
                label: f"{before[label]} → {text}" if before else text
                for label, text in texts.items()
                if before.get(label) != text
            }
            before = texts
            cause = causes.get(row["details"]["cause"])
            yield self._value_event(cause, lines)

    def _value_event(self, cause, lines):
        """Name an event by its cause, else by what it changed.

        :param lines: label → what it was and is
        """
        texts = [f"{label}: {text}" for label, text in lines.items()]
        if cause:
            return {"title": cause, "lines": texts}
        if len(texts) == 1:
            return {"title": texts[0]}
        labels = ", ".join(lines) or self.env._("Deal")
        return {"title": self.env._("Changed: %s", labels), "lines": texts}

    def _value_texts(self, worth):
        """Label → text of what a value event says."""
        statuses = dict(self._fields["status"]._description_selection(self.env))
        assets = dict(self._fields["asset_type"]._description_selection(self.env))
        currency = self.env["res.currency"].browse(worth["currency"])
        day = worth["day"]
        return {
            self.env._("Estimated value"): format_amount(
                self.env, worth["amount"], currency
            ),
            self.env._("Confidence"): format_percent(
                self.env, worth["confidence"], digits=0
            ),
            self.env._("Agent"): worth["agent"],
            self.env._("Asset type"): assets.get(worth["asset_type"], "–"),
            self.env._("Expected close"): format_date(self.env, day) if day else "–",
            self.env._("Status"): statuses[worth["status"]],
        }
