from datetime import datetime

from odoo import api, fields, models

from odoo.addons.kpi_base.audit import AuditEvent, moment_text

from .kpi_action_item import STATUS_EVENTS

# Events with which somebody has written something.
WRITTEN = {
    "action.created": ("description",),
    "discussion.closed": ("decision", "outcome"),
    "meeting.minutes": ("minutes",),
}
# What is logged of a record: fields, and the names of those that differ in the log.
LOGGED = {
    "kpi.action.item": ("assigned_to", "report_id", "status"),
    "kpi.discussion": ("kpi_id", "state"),
    "kpi.review.meeting": ("group_id", "starts_at", "state"),
}
NAMES = {"group_id": "scorecard", "kpi_id": "kpi", "report_id": "kpi"}
EVENTS = {
    "kpi.action.item": {"action.created", *STATUS_EVENTS.values()},
    "kpi.discussion": {
        f"discussion.{each}" for each in ("opened", "closed", "reopened")
    },
    "kpi.review.meeting": {
        f"meeting.{each}" for each in ("planned", "held", "cancelled", "minutes")
    },
}


class KpiEvent(models.AbstractModel):
    """What happens to discussions, for whoever listens."""

    _inherit = "kpi.event"

    @api.model
    def _event_models(self):
        own = {name: model for model, names in EVENTS.items() for name in names}
        return {**super()._event_models(), **own}

    @api.model
    def _event(self, name, records):
        stored, written = LOGGED.get(records._name), WRITTEN.get(name, ())
        if stored:
            self.env["kpi.audit.log"]._append(
                [
                    AuditEvent(
                        record,
                        name.replace(".", "_"),
                        {
                            NAMES.get(each, each): _plain(record[each])
                            for each in stored
                        },
                        {text: record[text] for text in written if record[text]},
                    )
                    # What they are about is logged, whatever of it may be read.
                    for record in records.sudo()
                ]
            )
        return super()._event(name, records)


class KpiAuditLog(models.Model):
    """Words for what happens to coachings."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "coaching_shared": self.env._("Coaching shared"),
            "coaching_changed": self.env._("Coaching changed"),
            "coaching_signed": self.env._("Coaching signed"),
            "coaching_erased": self.env._("Coaching texts erased"),
            "discussion_opened": self.env._("Discussion opened"),
            "discussion_closed": self.env._("Discussion closed"),
            "discussion_reopened": self.env._("Discussion reopened"),
            "action_created": self.env._("Action created"),
            "action_started": self.env._("Action started"),
            "action_completed": self.env._("Action completed"),
            "action_cancelled": self.env._("Action canceled"),
            "action_reopened": self.env._("Action reopened"),
            "meeting_planned": self.env._("Review planned"),
            "meeting_held": self.env._("Review held"),
            "meeting_cancelled": self.env._("Review canceled"),
            "meeting_minutes": self.env._("Minutes sent"),
        }


class KpiWebhook(models.Model):
    """Other systems can be told of discussions, actions and review meetings."""

    _inherit = "kpi.webhook"

    sends_discussion = fields.Boolean("Discussions")
    sends_action = fields.Boolean("Actions")
    sends_meeting = fields.Boolean("Review Meetings")

    @api.model
    def _get_content_fields(self):
        return {
            **super()._get_content_fields(),
            "kpi.discussion": (
                "discussion",
                "name discussion_type state grain period_start value decision"
                " outcome".split(),
            ),
            "kpi.action.item": (
                "action",
                "description status due_date expected_effect expected_by"
                " effective_date".split(),
            ),
            "kpi.review.meeting": (
                "meeting",
                ("name", "state", "starts_at", "minutes", "minutes_sent_at"),
            ),
        }

    @api.model
    def _get_reports_of(self, records):
        """A review is about all KPIs of its scorecard."""
        if records._name == "kpi.review.meeting":
            return {meeting: meeting.group_id.line_ids.report_id for meeting in records}
        return super()._get_reports_of(records)


def _plain(value):
    if isinstance(value, datetime):
        return moment_text(value)
    return value.id if isinstance(value, models.BaseModel) else value
