from odoo import api, models

from odoo.addons.kpi_base.audit import AuditEvent, moment_text

from .action.kpi_action_item import STATUS_EVENTS

# Events with which somebody has written something.
WRITTEN = {
    "action.created": ("description",),
    "discussion.closed": ("decision", "outcome"),
    "meeting.minutes": ("minutes",),
}


class KpiEvent(models.AbstractModel):
    """What happens to discussions, for whoever listens."""

    _inherit = "kpi.event"

    @api.model
    def _event_models(self):
        discussion, meeting = "kpi.discussion", "kpi.review.meeting"
        return {
            **super()._event_models(),
            "discussion.opened": discussion,
            "discussion.closed": discussion,
            "discussion.reopened": discussion,
            "action.created": "kpi.action.item",
            **dict.fromkeys(STATUS_EVENTS.values(), "kpi.action.item"),
            "meeting.planned": meeting,
            "meeting.held": meeting,
            "meeting.cancelled": meeting,
            "meeting.minutes": meeting,
        }

    @api.model
    def _event(self, name, records):
        prepare = _PREPARED.get(records._name)
        if prepare:
            self.env["kpi.audit.log"]._append(
                [
                    AuditEvent(
                        record,
                        name.replace(".", "_"),
                        prepare(record),
                        {
                            text: record[text]
                            for text in WRITTEN.get(name, ())
                            if record[text]
                        },
                    )
                    # What they are about is logged, whatever of it may be read.
                    for record in records.sudo()
                ]
            )
        return super()._event(name, records)


def _prepare_discussion(discussion):
    return {"kpi": discussion.kpi_id.id, "state": discussion.state}


def _prepare_action(item):
    return {
        "assigned_to": item.assigned_to.id,
        "kpi": item.report_id.id,
        "status": item.status,
    }


def _prepare_meeting(meeting):
    return {
        "scorecard": meeting.group_id.id,
        "starts_at": moment_text(meeting.starts_at),
        "state": meeting.state,
    }


_PREPARED = {
    "kpi.action.item": _prepare_action,
    "kpi.discussion": _prepare_discussion,
    "kpi.review.meeting": _prepare_meeting,
}
