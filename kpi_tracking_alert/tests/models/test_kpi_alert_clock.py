from contextlib import contextmanager
from datetime import datetime, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .routing_case import RoutingCase

NOW = datetime(2026, 3, 4, 12)  # a Wednesday


@tagged("post_install", "-at_install")
class TestKpiAlertClock(RoutingCase):
    """A clock that is set wrong, and right again: nothing waits for it."""

    def setUp(self):
        super().setUp()
        self.enterContext(self._at(NOW))

    @contextmanager
    def _clock(self, **ahead):
        with self._at(NOW + timedelta(**ahead)):
            yield

    def _swept(self, **ahead):
        with self._clock(**ahead):
            return self._sweep()

    def _told_of(self, **values):
        """An alert that its receiver was told of."""
        event = self._fired(self._rule(self.revenue, **values), self.revenue)
        self._sweep()
        return event

    def _silence(self, **lasts):
        now = fields.Datetime.now()
        return self.env["kpi.alert.silence"].create(
            {
                "name": "Move",
                "company_id": self.company.id,
                "report_ids": [Command.set(self.revenue.ids)],
                "date_from": now,
                "date_to": now + timedelta(**lasts),
            }
        )

    def _acknowledge(self, event):
        self._as(self.officer, event).action_acknowledge()

    def _snooze(self, event, **lasts):
        until = fields.Datetime.now() + timedelta(**lasts)
        self._as(self.officer, event).action_snooze(until)

    def test_a_reminder_planned_three_days_ahead_comes_in_its_time(self):
        event = self._told_of(remind_after_hours=2)
        with self._clock(days=3):
            self._acknowledge(event)
            self.assertFalse(self._sweep())
        self.assertFalse(self._sweep())
        self.assertFalse(self._swept(minutes=119))
        reminded = [("officer", [(event.id, "reminded")])]
        self.assertEqual(self._swept(minutes=121), reminded)
        self.assertFalse(self._swept(minutes=122))
        self.assertEqual(self._swept(hours=4, minutes=2), reminded)

    def test_a_reminder_told_three_days_ahead_is_told_once(self):
        event = self._told_of(remind_after_hours=2)
        self._acknowledge(event)
        reminded = [("officer", [(event.id, "reminded")])]
        self.assertEqual(self._swept(days=3), reminded)
        self.assertFalse(self._sweep())
        self.assertFalse(self._swept(minutes=119))
        self.assertEqual(self._swept(minutes=121), reminded)

    def test_a_reminder_is_not_put_off_by_a_clock_that_goes_back_an_hour(self):
        event = self._told_of(remind_after_hours=2)
        self._acknowledge(event)
        self.assertFalse(self._swept(hours=-1))
        reminded = [("officer", [(event.id, "reminded")])]
        self.assertEqual(self._swept(hours=1, minutes=1), reminded)
        self.assertFalse(self._swept(minutes=1))

    def test_a_reminder_that_its_rule_gives_up_is_not_told(self):
        event = self._told_of(remind_after_hours=2)
        self._acknowledge(event)
        event.alert_id.remind_after_hours = 0
        self.assertFalse(self._sweep())
        self.assertFalse(event.next_step_at)
        self.assertFalse(self._swept(hours=3))

    def test_a_snooze_that_ends_three_days_ahead_is_told_once(self):
        event = self._told_of(auto_escalation=False)
        self._snooze(event, hours=5)
        reminded = [("officer", [(event.id, "reminded")])]
        self.assertEqual(self._swept(days=3), reminded)
        for hours in (0, 4, 6, 24 * 4):
            self.assertFalse(self._swept(hours=hours))
        self.assertEqual(event.state, "firing")

    def test_a_snooze_made_three_days_ahead_ends_when_its_maker_said(self):
        event = self._told_of()
        with self._clock(days=3):
            self._snooze(event, hours=1)
        self.assertFalse(self._swept(days=3))
        reminded = [("officer", [(event.id, "reminded")])]
        self.assertEqual(self._swept(days=3, hours=1, minutes=1), reminded)
        self.assertFalse(self._swept(days=3, hours=1, minutes=2))

    def test_a_snooze_ends_in_its_time_after_a_clock_went_back_an_hour(self):
        event = self._told_of()
        self._snooze(event, hours=5)
        self.assertFalse(self._swept(hours=-1))
        self.assertFalse(self._swept(hours=4, minutes=59))
        reminded = [("officer", [(event.id, "reminded")])]
        self.assertEqual(self._swept(hours=5, minutes=1), reminded)
        self.assertFalse(self._swept(hours=4))
        self.assertFalse(self._swept(hours=5, minutes=2))

    def test_the_end_of_a_silence_is_told_once_by_a_clock_three_days_ahead(self):
        self._silence(hours=5)
        event = self._told_of()
        self.assertFalse(self._told(event))
        fired = [("officer", [(event.id, "fired")])]
        self.assertEqual(self._swept(days=3), fired)
        for hours in (0, 4, 6):
            self.assertFalse(self._swept(hours=hours))

    def test_a_silence_entered_three_days_ahead_holds_nothing_until_then(self):
        with self._clock(days=3):
            self._silence(hours=5)
            event = self._fired(self._rule(self.revenue), self.revenue)
            self.assertFalse(self._sweep())
            self.assertEqual(event.notice_ids.hold_reason, "silence")
        self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])
        self.assertFalse(self._swept(days=3, hours=6))

    def test_a_silence_is_over_in_its_time_after_a_clock_went_back_an_hour(self):
        self._silence(hours=5)
        event = self._told_of()
        # Before its beginning it holds nothing; then it is told, and not again.
        told = self._swept(hours=-1), self._swept(hours=4), self._swept(hours=6)
        self.assertEqual(
            [each for each in told if each], [[("officer", [(event.id, "fired")])]]
        )

    def test_a_silence_that_had_begun_holds_after_a_clock_went_back_an_hour(self):
        self._silence(hours=5)
        with self._clock(hours=2):
            event = self._told_of()
        self.assertFalse(self._swept(hours=1))
        self.assertFalse(self._swept(hours=4, minutes=59))
        fired = [("officer", [(event.id, "fired")])]
        self.assertEqual(self._swept(hours=5, minutes=1), fired)
        self.assertFalse(self._swept(hours=4))
        self.assertFalse(self._swept(hours=5, minutes=2))
