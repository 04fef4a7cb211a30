import json
import time
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.kpi_base.outbox import DeliverySkipped
from odoo.addons.kpi_base.tests.web_server import reply

from ...models.webhook.kpi_webhook_change import MOST_CHANGES
from .webhook_case import WebhookCase

MANY = 100_000
MOST_STATEMENTS = 40  # however many values change


@tagged("post_install", "-at_install")
class TestKpiWebhookEvents(WebhookCase):
    """What happens to KPIs, as receivers hear of it."""

    def _items(self, webhook, event):
        """All items of an event that were queued, sent and checked."""
        self.server.received.clear()
        for delivery in self._queued(webhook, event):
            delivery._send_webhook()
        contents = self._received(webhook)
        self.assertEqual({content["type"] for content in contents} - {event}, set())
        return [item for content in contents for item in content["data"]["items"]]

    def test_values_with_those_before(self):
        webhook = self._webhook()
        self._fill(self.revenue, {"2026-02": 70.0})
        self._fill(self.revenue, {"2026-02": 82.4})
        items = self._items(webhook, "measurement.changed")
        said = [(each["period_start"], each["old"], each["new"]) for each in items]
        before = items[0]["old"]
        self.assertEqual(
            said, [("2026-02-01", before, 70.0), ("2026-02-01", 70.0, 82.4)]
        )
        kpi = {
            "id": self.revenue.id,
            "code": self.revenue.code,
            "name": self.revenue.name,
        }
        self.assertEqual(items[0]["kpi"], kpi)
        self.assertEqual(items[0]["grain"], "month")
        self.assertLess(items[0]["sequence"], items[1]["sequence"])

    def test_the_outbox_says_whose_messages_they_are_and_what_they_tell(self):
        webhook = self._webhook()
        self._fired(self._rule(self.revenue), self.revenue)
        queued = self._queued(webhook, "alert.fired")
        self.assertEqual(queued.subject, "Warehouse: Alerts (alert.fired)")

    def test_alerts(self):
        webhook = self._webhook()
        rule = self._rule(self.revenue)
        event = self._fired(rule, self.revenue)
        event.sudo()._resolve("cleared")
        (fired,) = self._items(webhook, "alert.fired")
        self.assertEqual(fired["alert"]["id"], event.id)
        self.assertEqual(fired["alert"]["state"], "firing")  # as it was then
        self.assertEqual(fired["alert"]["measured"], 0.7)
        (resolved,) = self._items(webhook, "alert.resolved")
        self.assertEqual(resolved["alert"]["resolution"], "cleared")
        self.assertGreater(resolved["sequence"], fired["sequence"])
        self.assertEqual(self._queued(webhook, "alert.fired").lane, "urgent")

    def test_alerts_of_a_kpi_that_is_deleted(self):
        webhook = self._webhook()
        strangers = self._webhook(owner_id=self.user.id)
        kpi = self._entered("Energy", {})
        event = self._fired(self._rule(kpi), kpi)
        kpi_id, event_id = kpi.id, event.id
        kpi.unlink()
        (fired,) = self._items(webhook, "alert.fired")
        (resolved,) = self._items(webhook, "alert.resolved")
        self.assertEqual(fired["alert"]["id"], event_id)
        self.assertEqual(resolved["kpi"]["id"], kpi_id)
        self.assertEqual(resolved["alert"]["resolution"], "kpi")
        self.assertGreater(resolved["sequence"], fired["sequence"])
        for delivery in self._queued(strangers):
            with self.assertRaises(DeliverySkipped):
                delivery._send_webhook()

    def test_a_kpi_leaves_after_its_webhook(self):
        webhook = self._webhook(sends_alert=True)
        kpi = self._entered("Energy", {})
        self._fired(self._rule(kpi), kpi)
        delivery = self._queued(webhook, "alert.fired")
        webhook.unlink()
        kpi.unlink()
        self.assertTrue(delivery)
        self.assertFalse(kpi.exists())
        with self.assertRaises(DeliverySkipped):
            delivery._check_receiver()

    def test_targets(self):
        webhook = self._webhook()
        target = self.env["kpi.target"].create(
            {"report_id": self.revenue.id, "date_from": "2027-01-01", "value": 120.0}
        )
        (item,) = self._items(webhook, "target.changed")
        self.assertEqual(item["target"]["id"], target.id)
        self.assertEqual(item["target"]["date_from"], "2027-01-01")
        self.assertEqual(item["target"]["value"], 120.0)

    def test_one_id_for_all_attempts_and_another_for_each_message(self):
        webhook, other = self._webhook(), self._webhook(name="Other")
        self._fill(self.revenue, {"2026-02": 70.0})
        self._fill(self.revenue, {"2026-02": 71.0})
        deliveries = self._queued(webhook) | self._queued(other)
        self.assertEqual(len(deliveries), 4)
        for delivery in deliveries:
            delivery._send_webhook()
            delivery._send_webhook()
        ids = [each.headers["webhook-id"] for each in self.server.received]
        self.assertEqual(ids[::2], ids[1::2])
        self.assertEqual(len(set(ids)), 4)

    def test_only_what_its_owner_may_see_when_it_is_sent(self):
        webhook = self._webhook(owner_id=self.user.id)
        self._fill(self.revenue, {"2026-02": 70.0})
        delivery = self._queued(webhook)
        with self.assertRaisesRegex(DeliverySkipped, "cannot access these events"):
            delivery._send_webhook()
        self.assertFalse(self.server.received)
        self.revenue.shared_user_ids = self.user
        delivery._send_webhook()
        self.assertEqual(len(self._received(webhook)), 1)
        self.revenue.shared_user_ids = False
        with self.assertRaisesRegex(DeliverySkipped, "cannot access these events"):
            delivery._send_webhook()

    def test_of_a_batch_the_visible_part(self):
        other = self._entered("Leads", {"2026-01": 5.0})
        self.revenue.shared_user_ids = self.user
        webhook = self._webhook(owner_id=self.user.id)
        rows = [(kpi.id, "2026-02-01", 7.0) for kpi in (self.revenue, other)]
        self.env["kpi.measurement"]._upsert("month", rows, source="external")
        items = self._items(webhook, "measurement.changed")
        self.assertEqual([item["kpi"]["id"] for item in items], [self.revenue.id])

    def test_of_chosen_kpis_and_kinds(self):
        other = self._entered("Leads", {"2026-01": 5.0})
        webhook = self._webhook(report_ids=[(6, 0, self.revenue.ids)])
        values = self._webhook(name="Values", sends_target=False)
        self._fill(other, {"2026-02": 7.0})
        self.assertFalse(self._queued(webhook))
        self.assertTrue(self._queued(values))
        self._fill(self.revenue, {"2026-02": 7.0})
        self.assertEqual(len(self._queued(webhook)), 1)
        self.revenue.target_ids.value = 121.0
        self.assertFalse(self._queued(values, "target.changed"))
        self.assertTrue(self._queued(webhook, "target.changed"))

    def test_of_its_company_only(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        webhook = self._webhook(company_id=company.id)
        everywhere = self._webhook(name="All", company_id=False)
        self._fill(self.revenue, {"2026-02": 7.0})
        self.assertFalse(self._queued(webhook))
        self.assertTrue(self._queued(everywhere))

    def test_without_a_webhook_nothing_is_kept(self):
        self._fill(self.revenue, {"2026-02": 70.0})
        self.assertFalse(self.env["kpi.webhook.batch"].search_count([]))

    def test_a_rolled_back_change_is_not_told(self):
        webhook = self._webhook()
        with self.cr.savepoint() as savepoint:
            self._fill(self.revenue, {"2026-02": 70.0})
            savepoint.rollback()
        self.assertFalse(self._queued(webhook))

    def test_a_hundred_thousand_values_at_once(self):
        """They are kept by a few statements, and sent in few messages."""
        webhook = self._webhook()
        reports = self._many_reports(100)
        rows = [
            (report_id, fields.Date.to_date("1999-01-01") + timedelta(days=day), 1.0)
            for report_id in reports.ids
            for day in range(MANY // len(reports))
        ]
        start, count = time.monotonic(), self.cr.sql_log_count
        self.env["kpi.measurement"]._upsert(
            "day", rows, source="external", refresh=False
        )
        statements = self.cr.sql_log_count - count
        seconds = time.monotonic() - start
        self.assertLess(statements, MOST_STATEMENTS)
        self.assertLess(seconds, 60)
        deliveries = self._queued(webhook)
        self.assertEqual(len(deliveries), MANY // MOST_CHANGES)
        deliveries[0]._send_webhook()
        (content,) = self._received(webhook)
        items = content["data"]["items"]
        self.assertEqual(len(items), MOST_CHANGES)
        self.assertEqual([item["sequence"] for item in items], list(range(1, 1001)))
        self.assertLess(len(self.server.received[0].body), 250_000)
        self.env.cr.execute(
            "SELECT count(DISTINCT (report_id, sequence)), count(*)"
            "  FROM kpi_webhook_change"
        )
        self.assertEqual(self.env.cr.fetchone(), (MANY, MANY))

    def test_names_stay_names(self):
        self.revenue.definition_id.name = "A\r\nwebhook-id: 1 <b>\u202e" + "x" * 10_000
        webhook = self._webhook()
        self._fill(self.revenue, {"2026-02": 70.0})
        (item,) = self._items(webhook, "measurement.changed")
        self.assertEqual(item["kpi"]["name"], self.revenue.name)
        self.assertTrue(self.server.received[0].headers["webhook-id"].startswith("msg"))

    def test_old_batches_go(self):
        webhook = self._webhook()
        self._fill(self.revenue, {"2026-02": 70.0})
        batches = self.env["kpi.webhook.batch"].search([])
        delivery = self._queued(webhook)
        for days, state, expected in (
            (4, "waiting", True),
            (4, "failed", True),
            (2, "sent", True),
            (4, "sent", False),
        ):
            delivery.state = state
            batches.happened_at = fields.Datetime.now() - timedelta(days=days)
            self.env.flush_all()
            self.env["kpi.webhook.batch"]._gc_sent()
            self.env.invalidate_all()
            self.assertEqual(bool(batches.exists()), expected, (days, state))
        with self.assertRaisesRegex(DeliverySkipped, "too old"):
            delivery._send_webhook()

    def test_the_outbox_sends_it(self):
        webhook = self._webhook()
        self._fill(self.revenue, {"2026-02": 70.0})
        self.server.answers = [reply(204)]
        self._run_outbox()
        self.assertEqual(self._queued(webhook).state, "sent")
        (content,) = self._received(webhook)
        json.dumps(content, allow_nan=False)

    def _run_outbox(self):
        outbox = self.env["kpi.delivery"]
        outbox._send_due("bulk", time.monotonic() + 10)
        self.env.invalidate_all()

    def _many_reports(self, count):
        definition = self.revenue.definition_id
        teams = self.env["kpi.team"].create(
            [{"name": f"Team {number}"} for number in range(count)]
        )
        return self.env["kpi.report"].create(
            [
                {
                    "definition_id": definition.id,
                    "scope_type": "team",
                    "team_id": team.id,
                    "company_id": self.company.id,
                }
                for team in teams
            ]
        )
