import os
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.engine.sealing import generate_key
from odoo.addons.kpi_base.tests.user_links import end_connection

from .routing_case import RoutingCase


@tagged("post_install", "-at_install")
class TestKpiAlertRouting(RoutingCase):
    """Whom an alert is told, once."""

    def test_the_responsible_is_told_once(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])
        self.assertFalse(self._sweep())
        self.assertEqual(event.notified_user_ids, self.officer)

    def test_whoever_heard_of_it_hears_of_its_end(self):
        self.revenue.shared_user_ids = self.manager
        event = self._fired(
            self._rule(self.revenue, user_ids=[Command.link(self.manager.id)]),
            self.revenue,
        )
        self._sweep()
        event._resolve("cleared")
        self.assertEqual(
            self._sweep(),
            [
                ("manager", [(event.id, "resolved")]),
                ("officer", [(event.id, "resolved")]),
            ],
        )

    def test_what_ends_before_anybody_heard_is_told_to_nobody(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        event._resolve("cleared")
        self.assertFalse(self._sweep())
        self.assertEqual(event.notice_ids.mapped("state"), ["dropped"])

    def test_a_storm_is_one_message_for_each_receiver(self):
        rule = self._rule(self.revenue, self.complaints)
        self.complaints.owner_id = self.officer
        first = self._fired(rule, self.revenue, severity="warning")
        second = self._fired(rule, self.complaints, severity="urgent")
        self.assertEqual(
            self._sweep(),
            [("officer", [(second.id, "fired"), (first.id, "fired")])],
        )
        self.assertEqual(self.outbox.search([], limit=1).lane, "urgent")

    def test_told_are_only_those_who_get_the_message(self):
        """Neither who has muted the rule, nor rests, nor may not see the KPI."""
        stranger = self._create_user("guest", groups="kpi_base.kpi_base_group_user")
        self.revenue.shared_user_ids = self.user | self.manager
        rule = self._rule(
            self.revenue,
            user_ids=[Command.set((stranger | self.user | self.manager).ids)],
        )
        self.env["kpi.alert.mute"].create(
            {"alert_id": rule.id, "user_id": self.user.id}
        )
        event = self._fired(rule, self.revenue)
        self.assertFalse(event.notified_user_ids)
        self.assertEqual(
            [each for each, _lines in self._sweep()], ["manager", "officer"]
        )
        self.assertEqual(event.notified_user_ids, self.officer | self.manager)
        self.assertTrue(self._as(self.user, event).can_act)
        told = next(
            entry for entry in event.get_timeline() if entry["title"] == "Notified"
        )
        self.assertCountEqual(told["lines"][0].split(", "), ["officer", "manager"])
        self.env["kpi.alert.mute"].search([("user_id", "=", self.user.id)]).unlink()
        self.notices._wake("muted")
        self._sweep()
        self.assertIn(self.user, event.notified_user_ids)

    def test_where_nobody_named_may_see_the_kpi_the_owner_of_the_rule_is_told(self):
        stranger = self._create_user("guest", groups="kpi_base.kpi_base_group_user")
        rule = self._rule(
            self.revenue,
            tell_responsible=False,
            user_ids=[Command.set(stranger.ids)],
        )
        event = self._fired(rule, self.revenue)
        self._sweep()
        self.assertEqual(self._told(event), [])
        self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])
        self.assertEqual(event.notified_user_ids, self.officer)

    def test_whom_no_message_reaches_has_not_been_told(self):
        """Two channels: only when both give up."""
        event = self._fired(self._rule(self.revenue), self.revenue)
        self._sweep()
        first = self.outbox.search([("user_id", "=", self.officer.id)])
        second = self._queued_too(first)
        claim = {"claimed_until": fields.Datetime.now(), "claimed_by": 1}
        (first | second).write(claim)
        self.env.flush_all()
        first._mark("skipped", "No device.")
        self.env.invalidate_all()
        self.assertEqual(event.notified_user_ids, self.officer)
        second._mark("skipped", "No address.")
        self.env.invalidate_all()
        self.assertFalse(event.notified_user_ids)
        event._resolve("cleared")
        self.assertFalse(self._sweep())

    def _queued_too(self, delivery):
        """The same message by another channel."""
        return self.outbox._queue(
            [
                {
                    "key": f"{delivery.key}:push",
                    "channel": "push",
                    "user_id": delivery.user_id.id,
                    "subject": delivery.subject,
                    "renderer": delivery.renderer,
                    "lines": delivery.line_ids.read(["res_model", "res_id", "data"]),
                }
            ]
        )

    def test_channels_that_one_may_not_see_are_counted(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        self._sweep()
        room = self._room()
        self.notices.create(
            {
                "event_id": event.id,
                "change": "reminded",
                "step": 1,
                "channel_id": room.id,
                "state": "told",
                "created_at": fields.Datetime.now(),
                "notified_at": fields.Datetime.now(),
            }
        )
        self.revenue.shared_user_ids = self.user
        for user, said in ((self.user, "others: 1"), (self.officer, room.display_name)):
            with self.subTest(user.login):
                entries = self._as(user, event).get_timeline()
                lines = {each["title"]: each["lines"] for each in entries}
                self.assertEqual(lines["Notified"], ["officer"])
                self.assertEqual(lines["Notified again"], [said])

    def test_nobody_named_is_told_to_whoever_made_the_rule(self):
        rule = self._rule(self.revenue, tell_responsible=False)
        rule.owner_id = self.officer
        event = self._fired(rule, self.revenue)
        self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])

    def _room(self):
        """A Slack channel that messages can be sent to."""
        self.startPatcher(patch.dict(os.environ, KPI_SECRET_KEYS=generate_key()))
        return self.env["kpi.alert.channel"].create(
            {
                "name": "#kpis",
                "kind": "slack",
                "address": "https://hooks.slack.com/services/T/B/x",
                "owner_id": self.officer.id,
                "company_id": self.company.id,
            }
        )

    def test_a_personal_rule_tells_only_its_owner(self):
        self.revenue.shared_user_ids = self.user
        self._room()
        rule = self._rule(
            self.revenue,
            owner_id=self.user.id,
            is_personal=True,
            notification_channels="slack",
        )
        event = self._fired(rule, self.revenue, personal_user_id=self.user.id)
        self.assertEqual(self._sweep(), [("user", [(event.id, "fired")])])
        self.assertEqual(self.outbox.search([], limit=1).channel, "email")

    def test_connections_list_a_personal_rule_and_turn_it_off(self):
        self.revenue.shared_user_ids = self.user
        rule = self._rule(self.revenue, owner_id=self.user.id, is_personal=True)
        event = self._fired(rule, self.revenue, personal_user_id=self.user.id)
        end_connection(self, rule, self.user)
        self.assertEqual((rule.state, event.state), ("draft", "resolved"))

    def test_inbox_alone_sends_nothing(self):
        event = self._fired(
            self._rule(self.revenue, notification_channels="inbox"), self.revenue
        )
        self.assertFalse(self._sweep())
        self.assertEqual(self._told(event), [("officer", "fired")])

    def test_who_handles_notifications_in_odoo_gets_emails_where_a_rule_names_them(
        self,
    ):
        self.officer.notification_type = "inbox"
        event = self._fired(self._rule(self.revenue), self.revenue)
        self.assertFalse(self._sweep())
        self.assertEqual(self._told(event), [("officer", "fired")])
        own = self._as(self.officer, self.events)
        self.assertIn(event, own.search(own._get_waiting_domain()))
        by_name = Command.create({"channel": "email", "severity": "critical"})
        rule = self._rule(self.revenue, route_ids=[by_name])
        self._fired(rule, self.revenue, severity="warning")._resolve("cleared")
        self.assertFalse(self._sweep())
        with self._later(hours=2):
            worse = self._fired(rule, self.revenue, severity="critical")
            self.assertEqual(self._sweep(), [("officer", [(worse.id, "fired")])])

    def test_channels_by_severity(self):
        room = self._room()
        ways = [
            Command.create({"channel": "slack", "severity": "critical"}),
            Command.create({"channel": "email", "severity": "critical"}),
        ]
        rule = self._rule(self.revenue, notification_channels="inbox", route_ids=ways)
        event = self._fired(rule, self.revenue, severity="warning")
        self.assertFalse(self._sweep())
        event._resolve("cleared")
        with self._later(hours=2):
            event = self._fired(rule, self.revenue, severity="critical")
            self.assertEqual(
                self._sweep(),
                [
                    (room.display_name, [(event.id, "fired")]),
                    ("officer", [(event.id, "fired")]),
                ],
            )
        to_room = self.outbox.search([("target_id", "=", room.id)])
        self.assertEqual(to_room.key.split(":")[:2], ["alert", "slack"])
        self.assertEqual(to_room.reader_id, self.officer)

    def test_gone_receivers(self):
        """Archived, of another company: told to those who are there."""
        other = self._create_company("South")
        stranger = self._create_user("stranger", other, "kpi_base.kpi_base_group_user")
        self.user.active = False
        self.revenue.shared_user_ids = self.manager
        rule = self._rule(
            self.revenue,
            user_ids=[Command.set((stranger | self.user | self.manager).ids)],
        )
        self.revenue.owner_id = False
        event = self._fired(rule, self.revenue)
        self.assertEqual(self._sweep(), [("manager", [(event.id, "fired")])])

    def test_who_leaves_while_a_message_waits(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        self._sweep()
        self.officer.active = False
        event._resolve("cleared")
        # It is queued, and the outbox asks at sending whether they are there.
        self.assertEqual(self._sweep(), [("officer", [(event.id, "resolved")])])

    def test_a_deleted_rule_tells_the_end_all_the_same(self):
        rule = self._rule(self.revenue)
        event = self._fired(rule, self.revenue)
        self._sweep()
        rule.unlink()
        self.assertEqual(self._sweep(), [("officer", [(event.id, "resolved")])])

    def test_an_archived_rule_tells_the_end(self):
        rule = self._rule(self.revenue)
        event = self._fired(rule, self.revenue)
        self._sweep()
        rule.action_archive()
        self.assertEqual(self._sweep(), [("officer", [(event.id, "resolved")])])
        message = self.outbox.search([], limit=1)._compose()
        self.assertIn("The rule was archived.", message.lines[0].text)

    def test_an_archived_kpi_tells_the_end(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        self._sweep()
        self.revenue.action_archive()
        self.env["kpi.smart.alert"]._sweep_marks()
        self.assertEqual((event.state, event.resolution), ("resolved", "kpi"))
        self.assertEqual(self._sweep(), [("officer", [(event.id, "resolved")])])
        message = self.outbox.search([], limit=1)._compose()
        self.assertIn("no longer tracked", message.lines[0].text)

    def test_a_deleted_kpi_tells_the_end(self):
        kpi = self._entered("Energy", {})
        kpi.owner_id = self.officer
        rule = self._rule(kpi, self.revenue, user_ids=[Command.set(self.user.ids)])
        event = self._fired(rule, kpi)
        self._sweep()
        before, name = self.outbox.search([]), kpi.name
        kpi.unlink()
        self.assertFalse(event.exists())
        (message,) = self.outbox.search([("id", "not in", before.ids)])
        self.assertEqual(message.user_id, self.officer)
        composed = message._compose()
        self.assertEqual(composed.title, f"{name}: alert resolved")
        self.assertIn("no longer tracked. It was deleted.", composed.text)
        self.assertNotIn("href", composed.html)
        self.assertEqual(message.state, "waiting")

    def test_the_end_of_a_deleted_kpi_waits_for_quiet_hours(self):
        kpi = self._entered("Energy", {})
        kpi.owner_id = self.officer
        self._fired(self._rule(kpi), kpi)
        self._sweep()
        before = self.outbox.search([])
        now = fields.Datetime.now()
        self.env["kpi.alert.quiet"].create(
            {
                "user_id": self.officer.id,
                "hour_from": now.hour,
                "hour_to": (now.hour + 5) % 24,
                "tz": "UTC",
                "saturday": False,
                "sunday": False,
            }
        )
        kpi.unlink()
        (message,) = self.outbox.search([("id", "not in", before.ids)])
        self.assertGreater(message.due_at, now)

    def test_cooldown(self):
        rule = self._rule(self.revenue, alert_cooldown_minutes=60)
        first = self._fired(rule, self.revenue)
        self._sweep()
        first._resolve("cleared")
        self._sweep()
        second = self._fired(rule, self.revenue)
        self.assertFalse(self._sweep())
        self.assertEqual(second.notice_ids.hold_reason, "cooldown")
        with self._later(minutes=59):
            self.assertFalse(self._sweep())
        with self._later(minutes=61):
            self.assertEqual(self._sweep(), [("officer", [(second.id, "fired")])])

    def test_flapping_is_told_once_until_it_is_calm(self):
        rule = self._rule(
            self.revenue, alert_cooldown_minutes=0, flapping_changes=3, flapping_hours=2
        )
        told = []
        for minute in range(5):
            with self._later(minutes=minute):
                event = self._fired(rule, self.revenue)
                told += self._sweep()
            with self._later(minutes=minute, seconds=30):
                event._resolve("cleared")
                told += self._sweep()
        changes = [change for _who, ((_event, change),) in told]
        # first firing and its end, then one more that says that it keeps changing
        self.assertEqual(changes, ["fired", "resolved", "fired"])
        with self._later(hours=3):
            self.assertEqual(self._sweep(), [("officer", [(event.id, "resolved")])])
            self.assertFalse(self._sweep())

    def test_flapping_that_ends_firing(self):
        rule = self._rule(
            self.revenue, alert_cooldown_minutes=0, flapping_changes=3, flapping_hours=2
        )
        for minute in range(3):
            with self._later(minutes=minute):
                event = self._fired(rule, self.revenue)
                self._sweep()
                if minute < 2:
                    event._resolve("cleared")
                    self._sweep()
        self.assertEqual(event.notice_ids.hold_reason, "flapping")
        with self._later(hours=3):
            self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])

    def test_a_parent_speaks_for_its_parts(self):
        parts = {
            name: self._track(self.revenue.definition_id, department)
            for name, department in (("sales", self.sales), ("east", self.east))
        }
        for report in parts.values():
            report.owner_id = self.officer
        rule = self._rule(self.revenue, *parts.values(), alert_cooldown_minutes=0)
        whole = self._fired(rule, self.revenue)
        part = self._fired(rule, parts["east"])
        self.assertEqual(self._sweep(), [("officer", [(whole.id, "fired")])])
        self.assertEqual(part.notice_ids.hold_reason, "part_of")
        whole._resolve("cleared")
        self.assertEqual(
            self._sweep(),
            [("officer", [(part.id, "fired"), (whole.id, "resolved")])],
        )

    def test_a_parent_does_not_speak_for_worse_parts_or_other_people(self):
        part = self._track(self.revenue.definition_id, self.sales)
        part.owner_id = self.manager
        rule = self._rule(self.revenue, part)
        whole = self._fired(rule, self.revenue, severity="critical")
        self._sweep()
        event = self._fired(rule, part, severity="warning")
        self.assertEqual(self._sweep(), [("manager", [(event.id, "fired")])])
        event._resolve("cleared")
        part.owner_id = self.officer
        self._sweep()
        worse = self._fired(
            self._rule(part, alert_cooldown_minutes=0), part, severity="urgent"
        )
        self.assertEqual(self._sweep(), [("officer", [(worse.id, "fired")])])
        self.assertEqual(whole.state, "firing")

    def test_who_mutes_a_rule_hears_only_of_ends(self):
        rule = self._rule(self.revenue)
        event = self._fired(rule, self.revenue)
        mute = self.env["kpi.alert.mute"].create(
            {"user_id": self.officer.id, "alert_id": rule.id}
        )
        self.assertFalse(self._sweep())
        mute.unlink()
        self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])

    def test_a_clock_that_was_three_days_ahead(self):
        rule = self._rule(self.revenue, alert_cooldown_minutes=60)
        with self._later(days=3):
            first = self._fired(rule, self.revenue)
            first._resolve("cleared")
            second = self._fired(rule, self.revenue)
            self._sweep()
        self.assertEqual(second.notice_ids.hold_reason, "cooldown")
        self.assertEqual(self._sweep(), [("officer", [(second.id, "fired")])])

    def test_a_clock_that_goes_back_an_hour(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        with self._at(fields.Datetime.subtract(fields.Datetime.now(), hours=1)):
            self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])
