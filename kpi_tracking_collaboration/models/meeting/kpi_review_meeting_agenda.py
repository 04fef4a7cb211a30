from odoo import fields, models
from odoo.fields import Domain

from ..action.kpi_action_item_status import OPEN


class KpiReviewMeeting(models.Model):
    """The agenda, made of what needs somebody."""

    _inherit = "kpi.review.meeting"

    def action_fill_agenda(self):
        """Add the scorecard's KPIs off track, open alerts and due actions.

        What is on the agenda stays, and nothing is added that is not seen by whoever
        fills it.
        """
        self.ensure_one()
        self.check_access("write")
        known = {_find_key(line) for line in self.line_ids}
        added = [row for row in self._list_topics() if _find_row_key(row) not in known]
        last = max(self.line_ids.mapped("sequence"), default=0)
        self.env["kpi.review.meeting.line"].create(
            [
                {**row, "meeting_id": self.id, "sequence": last + place}
                for place, row in enumerate(added, 1)
            ]
        )
        return True

    def _list_topics(self):
        """Values of agenda items: KPIs furthest from target, alerts, actions."""
        reports = self.group_id.line_ids.report_id
        of_scorecard = Domain("report_id", "in", reports.ids)
        is_off = Domain("id", "in", reports.ids) & Domain("status", "=", "off_target")
        kpis = self.env["kpi.report"].search(is_off, order="distance_percent desc, id")
        events = self.env["kpi.alert.event"].search(
            of_scorecard
            & Domain("state", "!=", "resolved")
            & Domain("personal_user_id", "=", False),
            order="fired_at, id",
        )
        day = fields.Datetime.context_timestamp(self, self.starts_at).date()
        items = self.env["kpi.action.item"].search(
            of_scorecard & Domain("status", "in", OPEN) & Domain("due_date", "<=", day)
        )
        return [
            *({"report_id": kpi.id} for kpi in kpis),
            *(
                {"report_id": event.report_id.id, "alert_event_id": event.id}
                for event in events
            ),
            *(
                {"report_id": item.report_id.id, "action_item_id": item.id}
                for item in items
            ),
        ]


def _find_key(line):
    return line.report_id.id, line.alert_event_id.id, line.action_item_id.id


def _find_row_key(row):
    names = ("report_id", "alert_event_id", "action_item_id")
    return tuple(row.get(name, False) for name in names)
