import json

from odoo import fields, models
from odoo.tools import format_amount, format_date


class KpiDeal(models.Model):
    """A deal's moves and values, told one after the other."""

    _name = "kpi.deal"
    _inherit = ["kpi.deal", "kpi.timeline.mixin"]

    def _timeline_entries(self):
        people = self.stage_event_ids.changed_by | self.value_event_ids.changed_by
        (people | self.value_event_ids.agent_id).fetch(["name"])
        return [
            *super()._timeline_entries(),
            *self._timeline_moves(),
            *self._timeline_values(),
        ]

    def _timeline_entry(self, event, kind, title, **values):
        entry = {
            "key": f"{kind}-{event.id}",
            "kind": kind,
            "title": title,
            "lines": [],
            "note": "",
            "by": event.changed_by.name,
            "effective_at": fields.Datetime.to_string(event.effective_at),
            "recorded_at": fields.Datetime.to_string(event.recorded_at),
            "seconds": None,
            **values,
        }
        return event.audit_log_id.id, entry

    def _timeline_moves(self):
        stages = dict(self._fields["pipeline_stage"]._description_selection(self.env))
        for event in self.stage_event_ids:
            before, after = stages.get(event.from_stage), stages[event.to_stage]
            yield self._timeline_entry(
                event,
                "stage",
                f"{before} → {after}" if before else after,
                note=event.note or "",
                seconds=event.duration_seconds,
            )

    def _timeline_values(self):
        before = None
        for event in self.value_event_ids.sorted("id"):
            texts = self._value_texts(event)
            lines = [
                f"{label}: {before[label]} → {text}" if before else f"{label}: {text}"
                for label, text in texts.items()
                if before is None or before[label] != text
            ]
            before = texts
            causes = {
                "opened": self.env._("Opened"),
                "changed": self.env._("Changed"),
                "late_rate": self.env._("Priced by a rate that came late"),
            }
            yield self._timeline_entry(event, "value", causes[event.cause], lines=lines)

    def _value_texts(self, event):
        """Label → text of what a value event says."""
        statuses = dict(self._fields["status"]._description_selection(self.env))
        amount = event.estimated_value_amount
        day = event.expected_close_date
        return {
            self.env._("Estimated value"): format_amount(
                self.env, amount, event.currency_id
            ),
            self.env._("Confidence"): f"{event.confidence:.0%}",
            self.env._("Agent"): event.agent_id.name,
            self.env._("Expected close"): format_date(self.env, day) if day else "–",
            self.env._("Status"): statuses[event.status],
        }

    def _differing_events(self):
        differing = super()._differing_events()
        logs = self.env["kpi.audit.log"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("event_type", "in", ["deal_stage_transition", "deal_value_change"]),
            ]
        )
        told = self.stage_event_ids._told() | self.value_event_ids._told()
        for log in logs:
            text = json.loads(log.text)
            if told.get(log.id) != (text["user_id"], text["values"]):
                differing.append(log.seq)
        return sorted(differing)
