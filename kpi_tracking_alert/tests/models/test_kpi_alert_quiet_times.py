from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .routing_case import RoutingCase


@tagged("post_install", "-at_install")
class TestKpiAlertQuietTimes(RoutingCase):
    """Silences and quiet hours: what still fires at their end is told once."""

    def setUp(self):
        super().setUp()
        self.enterContext(self._at(datetime(2026, 3, 4, 12)))  # a Wednesday

    def _silence(self, hours=5, **values):
        now = fields.Datetime.now()
        return self.env["kpi.alert.silence"].create(
            {
                "name": "Move",
                "company_id": self.company.id,
                "report_ids": [Command.set(self.revenue.ids)],
                "date_from": now,
                "date_to": now + timedelta(hours=hours),
                **values,
            }
        )

    def test_what_still_fires_at_the_end_of_a_silence_is_told_once(self):
        self._silence()
        event = self._fired(self._rule(self.revenue), self.revenue)
        self.assertFalse(self._sweep())
        self.assertEqual(event.notice_ids.hold_reason, "silence")
        seen = self._as(self.officer, event)
        self.assertEqual(seen.hold_in_words, "KPI Silenced")
        with self._later(hours=5, minutes=1):
            self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])
            self.assertFalse(seen.hold_in_words)
            self.assertFalse(self._sweep())

    def test_what_ends_within_a_silence_is_told_to_nobody(self):
        self._silence()
        event = self._fired(self._rule(self.revenue), self.revenue)
        self._sweep()
        event._resolve("cleared")
        with self._later(hours=6):
            self.assertFalse(self._sweep())

    def test_an_end_is_told_through_a_silence(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        self._sweep()
        self._silence()
        event._resolve("cleared")
        self.assertEqual(self._sweep(), [("officer", [(event.id, "resolved")])])

    def test_a_silence_that_is_ended_early(self):
        silence = self._silence(hours=100)
        event = self._fired(self._rule(self.revenue), self.revenue)
        self._sweep()
        with self._later(minutes=1):
            self._as(self.officer, silence).action_end()
            self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])

    def test_a_silence_by_tag_and_company(self):
        tag = self.env["kpi.tag"].create({"name": "Shops"})
        self.complaints.definition_id.tag_ids = tag
        self.complaints.owner_id = self.officer
        self._silence(report_ids=False, tag_ids=[Command.set(tag.ids)])
        other = self._create_company("South")
        self._silence(
            company_id=other.id, report_ids=False, tag_ids=[Command.set(tag.ids)]
        )
        rule = self._rule(self.revenue, self.complaints)
        told = self._fired(rule, self.revenue)
        held = self._fired(rule, self.complaints)
        self.assertEqual(self._sweep(), [("officer", [(told.id, "fired")])])
        self.assertEqual(held.notice_ids.hold_reason, "silence")

    def test_silences_that_make_no_sense(self):
        with self.assertRaisesRegex(ValidationError, "choose KPIs or tags"):
            self._silence(report_ids=False)
        tomorrow = datetime.now() + timedelta(days=1)
        with self.assertRaisesRegex(ValidationError, "choose KPIs or tags"):
            self.env["kpi.alert.silence"].create({"name": "All", "date_to": tomorrow})
        with self.assertRaisesRegex(ValidationError, "must be within the next year"):
            self._silence(date_to=datetime(2126, 1, 1))
        silence = self._silence()
        with self.assertRaisesRegex(ValidationError, "must be within the next year"):
            silence.date_to = datetime(2126, 1, 1)

    def test_a_rota_moves_to_no_company_whose_employees_its_people_are_not(self):
        now = datetime.now().replace(microsecond=0)
        shift = {
            "user_id": self.manager.id,
            "date_from": now,
            "date_to": now + timedelta(hours=8),
        }
        rota = self.env["kpi.alert.rota"].create(
            {
                "name": "Night",
                "company_id": self.company.id,
                "shift_ids": [Command.create(shift)],
            }
        )
        other = self._create_company("South")
        message = "only South employees"
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            rota.company_id = other
        self.manager.company_ids |= other
        rota.company_id = other
        self.assertEqual(rota.on_call_id, self.manager)

    def _quiet(self, user, **values):
        own = self._as(user, self.env["kpi.alert.quiet"])
        return own.create(
            {
                "hour_from": 11.0,
                "hour_to": 14.0,
                "tz": "UTC",
                "saturday": False,
                "sunday": False,
                **values,
            }
        )

    def test_quiet_hours_that_make_no_sense(self):
        days = dict.fromkeys(
            ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"], True
        )
        for reason, values in {
            "“From” and “Until” are equal": {"hour_from": 9.0, "hour_to": 9.0},
            "reach you. Clear at least one": {**days, "sunday": True},
            "reach you. Shorten": {"hour_from": 0.0, "hour_to": 24.0},
            "Only urgent alerts": {**days, "hour_from": 0.0, "hour_to": 24.0},
            "between 0:00 and 24:00": {"hour_from": -1.0},
            "must be between": {"hour_to": 25.0},
        }.items():
            with (
                self.subTest(reason=reason),
                self.assertRaisesRegex(ValidationError, reason),
                self.cr.savepoint(),
            ):
                self._quiet(self.officer, **values)
        quiet = self._quiet(self.officer, **days)
        with (
            self.assertRaisesRegex(
                ValidationError, "Only urgent alerts would reach you"
            ),
            self.cr.savepoint(),
        ):
            quiet.sunday = True
        self.env.invalidate_all()
        quiet.write({"hour_from": 9.0, "hour_to": 9.0})  # days only
        quiet.write({"kind": "calendar", "sunday": True})

    def test_quiet_hours(self):
        self._quiet(self.officer)
        rule = self._rule(self.revenue, alert_cooldown_minutes=0)
        event = self._fired(rule, self.revenue)
        self.assertFalse(self._sweep())
        # Who rests is nobody else's business.
        self.assertFalse(event.hold_in_words)
        with self._later(hours=2, seconds=1):
            self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])
        with self._later(days=1):
            event._resolve("cleared")
            self.assertFalse(self._sweep())
        with self._later(days=1, hours=3):
            self.assertEqual(self._sweep(), [("officer", [(event.id, "resolved")])])

    def test_who_only_looks_at_their_quiet_hours_has_none(self):
        quiet = self._as(self.officer, self.env["kpi.alert.quiet"])
        own = quiet.browse(quiet.action_open_mine()["res_id"])
        self.assertEqual((own.user_id, own.kind), (self.officer, "never"))
        own.write({"hour_from": 11.0, "hour_to": 14.0, "tz": "UTC"})
        self.assertEqual(quiet.action_open_mine()["res_id"], own.id)
        told = self._fired(self._rule(self.revenue), self.revenue)
        self.assertEqual(self._sweep(), [("officer", [(told.id, "fired")])])
        own.kind = "hours"
        held = self._fired(self._rule(self.revenue), self.revenue)
        self.assertFalse(self._sweep())
        own.kind = "never"
        self.assertEqual(self._sweep(), [("officer", [(held.id, "fired")])])

    def test_quiet_hours_are_of_one_person_in_a_zone_that_there_is(self):
        own = self._as(self.officer, self._quiet(self.officer))
        with self.assertRaisesRegex(ValidationError, "Time Zone: “Mars” is not one"):
            own.tz = "Mars"
        with self.assertRaisesRegex(AccessError, "cannot be transferred"):
            own.user_id = self.manager
        with self.assertRaises(AccessError):
            own.create({"user_id": self.manager.id, "tz": "UTC"})
        self.assertEqual((own.user_id, own.tz), (self.officer, "UTC"))

    def test_a_zone_that_is_gone_holds_up_nobody(self):
        self._quiet(self.officer)
        self.env.flush_all()
        self.env.cr.execute("UPDATE kpi_alert_quiet SET tz = 'Mars/Crater'")
        self.env.invalidate_all()
        event = self._fired(self._rule(self.revenue), self.revenue)
        with self.assertLogs("odoo.addons.kpi_tracking_alert", "WARNING"):
            self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])

    def test_when_somebody_rests_is_nobody_else_s_business(self):
        self._quiet(self.manager)
        rule = self._rule(self.revenue, user_ids=[Command.link(self.manager.id)])
        event = self._fired(rule, self.revenue)
        self._sweep()
        notices = self._as(self.officer, event).notice_ids
        for name in ("due_at", "hold_reason"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                notices.read([name])

    def test_what_is_urgent_is_told_in_quiet_hours(self):
        self._quiet(self.officer)
        event = self._fired(self._rule(self.revenue), self.revenue, severity="urgent")
        self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])

    def test_quiet_hours_are_each_persons_own(self):
        self._quiet(self.manager)
        rule = self._rule(self.revenue, user_ids=[Command.link(self.manager.id)])
        event = self._fired(rule, self.revenue)
        self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])

    def test_quiet_hours_that_are_changed(self):
        quiet = self._quiet(self.officer)
        event = self._fired(self._rule(self.revenue), self.revenue)
        self._sweep()
        quiet.hour_to = 12.0
        self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])

    def test_outside_of_working_hours(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Mornings",
                "tz": "UTC",
                "company_id": self.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "Morning",
                                "dayofweek": str(day),
                                "hour_from": 8,
                                "hour_to": 12,
                                "day_period": "morning",
                            }
                        )
                        for day in range(5)
                    ),
                ],
            }
        )
        employee = self._employ(self.officer, self.sales)
        employee.resource_calendar_id = calendar
        self._quiet(self.officer, kind="calendar")
        # The timer has one company at hand, whosever alerts it looks at.
        self.notices = self.notices.with_company(self._create_company("Another"))
        event = self._fired(self._rule(self.revenue), self.revenue)
        self.assertFalse(self._sweep())
        self.assertEqual(event.notice_ids.due_at, datetime(2026, 3, 5, 8))
        with self._at(datetime(2026, 3, 5, 8, 0, 1)):
            self.assertEqual(self._sweep(), [("officer", [(event.id, "fired")])])
