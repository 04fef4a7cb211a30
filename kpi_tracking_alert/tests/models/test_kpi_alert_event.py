from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .alert_case import AlertCase


@tagged("post_install", "-at_install")
class TestKpiAlertEvent(AlertCase):
    """What becomes of an alert, and who may say so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._rule(cls.revenue)

    def test_one_alert_at_a_time(self):
        first = self._fired(self.rule, self.revenue)
        self.assertEqual(first.state, "firing")
        self.assertFalse(self._fired(self.rule, self.revenue))
        first._resolve("cleared")
        self.assertTrue(self._fired(self.rule, self.revenue))

    def test_it_is_acknowledged_snoozed_and_resolved(self):
        event = self._fired(self.rule, self.revenue)
        own = self._as(self.officer, event)
        own.action_acknowledge()
        self.assertEqual(
            (event.state, event.acknowledged_by_id, event.assignee_id),
            ("acknowledged", self.officer, self.officer),
        )
        until = fields.Datetime.add(fields.Datetime.now(), days=1)
        own.action_snooze(until)
        self.assertEqual((event.state, event.next_step_at), ("snoozed", until))
        reason = self.env.ref("kpi_tracking_alert.kpi_alert_reason_fixed")
        own.action_resolve(reason.id, "Back to normal")
        self.assertEqual(
            (event.state, event.resolution, event.reason_id, event.resolution_note),
            ("resolved", "person", reason, "Back to normal"),
        )
        self.assertEqual(event.resolved_by_id, self.officer)
        self.assertFalse(event.next_step_at)

    def test_who_is_second_hears_who_was_first(self):
        event = self._fired(self.rule, self.revenue)
        event.addressee_ids = self.user + self.manager
        self.revenue.shared_user_ids = self.user + self.manager
        first, second = (self._as(who, event) for who in (self.user, self.manager))
        until = fields.Datetime.add(fields.Datetime.now(), days=1)
        self.assertIs(first.action_acknowledge(), True)
        self.assertIs(first.action_acknowledge(), True)
        told = second.action_acknowledge()["params"]["message"]
        self.assertIn("user has already acknowledged it", told)
        self.assertEqual(event.acknowledged_by_id, self.user)
        self.assertEqual(event.assignee_id, self.user)
        changes = event.change_ids.mapped("change")
        self.assertEqual(changes.count("acknowledged"), 1)
        self.assertIs(second.action_resolve(), True)
        for act in (
            first.action_acknowledge,
            first.action_resolve,
            lambda: first.action_snooze(until),
        ):
            self.assertIn("manager has already resolved it", act()["params"]["message"])
        self.assertEqual(event.resolved_by_id, self.manager)

    def test_some_of_several_are_somebodys_already(self):
        taken = self._fired(self.rule, self.revenue)
        other = self._fired(self._rule(self.revenue, name="Other"), self.revenue)
        taken.addressee_ids = self.user
        self.revenue.shared_user_ids = self.user
        self._as(self.user, taken).action_acknowledge()
        told = self._as(self.officer, taken | other).action_acknowledge()
        self.assertIn("Below Target", told["params"]["message"])
        self.assertNotIn("Other", told["params"]["message"])
        self.assertEqual(other.acknowledged_by_id, self.officer)

    def test_a_reason_that_does_not_exist(self):
        own = self._as(self.officer, self._fired(self.rule, self.revenue))
        with self.assertRaisesRegex(UserError, "reason no longer exists"):
            own.action_resolve(2**31 - 1)
        self.assertEqual(own.state, "firing")

    def test_a_snooze_ends_in_the_future_and_within_a_year(self):
        own = self._as(self.officer, self._fired(self.rule, self.revenue))
        for until in ("2001-01-01 00:00:00", "2999-01-01 00:00:00"):
            with self.subTest(until=until), self.assertRaises(UserError):
                own.action_snooze(until)

    def test_who_only_sees_it_does_nothing(self):
        self.revenue.shared_user_ids = self.user
        event = self._fired(self.rule, self.revenue)
        own = self._as(self.user, event)
        self.assertEqual(own.state, "firing")
        for act in (own.action_acknowledge, own.action_resolve):
            with self.assertRaises(AccessError):
                act()
        event.addressee_ids = self.user
        own.action_acknowledge()
        self.assertEqual(event.state, "acknowledged")

    def test_nobody_writes_it(self):
        own = self._as(self.officer, self._fired(self.rule, self.revenue))
        with self.assertRaises(AccessError):
            own.write({"state": "resolved"})

    def test_turning_a_rule_off_ends_its_alerts(self):
        event = self._fired(self.rule, self.revenue)
        self.rule.action_turn_off()
        self.assertEqual((event.state, event.resolution), ("resolved", "rule"))

    def test_a_deleted_rule_leaves_its_history(self):
        event = self._fired(self.rule, self.revenue)
        self.rule.unlink()
        self.assertEqual((event.state, event.rule_name), ("resolved", "Below Target"))
        self.assertEqual(event.resolution, "rule")
