from odoo import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.outbox import DeliverySkipped
from odoo.addons.kpi_tracking_alert.tests.models.webhook_case import WebhookCase


@tagged("post_install", "-at_install")
class TestKpiCollaborationWebhook(WebhookCase):
    """What other systems are told of discussions and actions."""

    def _items(self, webhook, event):
        self.server.received.clear()
        for delivery in self._queued(webhook, event):
            delivery._send_webhook()
        return [
            item
            for content in self._received(webhook)
            for item in content["data"]["items"]
        ]

    def _open(self):
        return self.env["kpi.discussion"].create(
            {"name": "Why?", "kpi_id": self.revenue.id}
        )

    def test_discussions_and_actions(self):
        webhook = self._webhook(sends_discussion=True, sends_action=True)
        discussion = self._open()
        item = self.env["kpi.action.item"].create(
            {"description": "Call", "discussion_id": discussion.id}
        )
        item.action_complete()
        discussion.decision = "Wait"
        discussion.action_close()
        (opened,) = self._items(webhook, "discussion.opened")
        self.assertEqual(opened["kpi"]["id"], self.revenue.id)
        self.assertEqual(opened["discussion"]["id"], discussion.id)
        self.assertEqual(opened["discussion"]["value"], 90.0)
        (created,) = self._items(webhook, "action.created")
        self.assertEqual(created["action"]["status"], "open")  # as it was then
        (completed,) = self._items(webhook, "action.completed")
        self.assertEqual(completed["action"]["status"], "completed")
        (closed,) = self._items(webhook, "discussion.closed")
        self.assertEqual(closed["discussion"]["decision"], "Wait")

    def test_a_meeting_is_told_of_each_kpi_of_its_scorecard(self):
        webhook = self._webhook(sends_meeting=True)
        reports = self.revenue | self.complaints
        scorecard = self.env["kpi.report.group"].create(
            {
                "name": "Board",
                "line_ids": [
                    Command.create({"report_id": report.id}) for report in reports
                ],
            }
        )
        meeting = self.env["kpi.review.meeting"].create(
            {"name": "March", "group_id": scorecard.id}
        )
        meeting.minutes = "We met."
        meeting.action_hold()
        meeting.action_send_minutes()
        planned = self._items(webhook, "meeting.planned")
        self.assertEqual({item["kpi"]["id"] for item in planned}, set(reports.ids))
        self.assertEqual(planned[0]["meeting"]["state"], "planned")  # as it was then
        held = self._items(webhook, "meeting.held")
        self.assertEqual(held[0]["meeting"]["id"], meeting.id)
        sent = self._items(webhook, "meeting.minutes")
        self.assertEqual(sent[0]["meeting"]["minutes"], "We met.")
        sequences = [
            [item["sequence"] for item in items if item["kpi"]["id"] == reports[0].id]
            for items in (planned, held, sent)
        ]
        self.assertEqual(sequences, [[1], [2], [3]])

    def test_nothing_unless_asked(self):
        webhook = self._webhook()
        self._open()
        self.assertFalse(self._queued(webhook, "discussion.opened"))

    def test_what_the_owner_may_not_see_is_not_told(self):
        webhook = self._webhook(sends_discussion=True, owner_id=self.user.id)
        self._open()
        with self.assertRaises(DeliverySkipped):
            self._items(webhook, "discussion.opened")
        self.assertFalse(self.server.received)
