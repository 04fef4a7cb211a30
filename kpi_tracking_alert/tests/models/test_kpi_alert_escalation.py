from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .routing_case import RoutingCase


@tagged("post_install", "-at_install")
class TestKpiAlertEscalation(RoutingCase):
    """Who is told next, as long as nobody acknowledges."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chief = cls._create_user("chief", groups="kpi_base.kpi_base_group_officer")
        cls.chief_employee = cls._employ(cls.chief, cls.sales)
        cls.boss.parent_id = cls.chief_employee
        cls.employee.parent_id = cls.boss
        cls.revenue.owner_id = cls.user
        cls.manager.group_ids += cls.env.ref("kpi_base.kpi_base_group_officer")
        cls.admin_user = cls._create_user(
            "keeper", groups="kpi_base.kpi_base_group_admin"
        )

    def _levels(self, *levels):
        return [
            Command.create({"after_minutes": minutes, "whom": whom, **more})
            for minutes, whom, more in levels
        ]

    def _escalated(self, **later):
        with self._later(**later):
            return self._sweep()

    def test_the_manager_after_an_hour_without_levels(self):
        event = self._fired(
            self._rule(self.revenue, auto_escalation=True), self.revenue
        )
        self._sweep()
        self.assertFalse(self._escalated(minutes=59))
        self.assertEqual(
            self._escalated(minutes=61), [("manager", [(event.id, "escalated")])]
        )
        self.assertFalse(self._escalated(days=3))
        self.assertIn(self.manager, event.notified_user_ids)

    def _fire_whole_and_part(self, **of_whole):
        """Alerts of a KPI and of its department's, told as one; the second escalates.

        :param of_whole: values of the rule that watches the first
        """
        part = self._track(self.revenue.definition_id, self.sales)
        part.owner_id = self.user
        whole = self._fired(self._rule(self.revenue, **of_whole), self.revenue)
        event = self._fired(self._rule(part, auto_escalation=True), part)
        self.assertEqual(self._sweep(), [("user", [(whole.id, "fired")])])
        self.assertEqual(event.notice_ids.hold_reason, "part_of")
        return whole, event

    def test_a_part_is_escalated_where_the_whole_is_not(self):
        whole, part = self._fire_whole_and_part()
        self.assertFalse(self._escalated(minutes=59))
        told = [("manager", [(part.id, "escalated")])]
        self.assertEqual(self._escalated(minutes=61), told)
        self.assertEqual(whole.state, "firing")

    def test_the_whole_is_escalated_for_its_parts(self):
        whole, part = self._fire_whole_and_part(auto_escalation=True)
        told = [("manager", [(whole.id, "escalated")])]
        self.assertEqual(self._escalated(minutes=61), told)
        self.assertEqual(self._told(part), [])
        self.assertFalse(self._escalated(days=3))

    def test_a_part_is_escalated_once_the_whole_is_acknowledged(self):
        levels = self._levels((90, "manager", {}))
        whole, part = self._fire_whole_and_part(level_ids=levels)
        self.assertFalse(self._escalated(minutes=61))
        with self._later(minutes=62):
            self._as(self.user, whole).action_acknowledge()
        told = [("manager", [(part.id, "escalated")])]
        self.assertEqual(self._escalated(minutes=63), told)

    def test_people_of_another_company_than_the_timer_s(self):
        other = self._create_company("Another")
        self.events = self.events.with_company(other)
        self.notices = self.notices.with_company(other)
        levels = self._levels(
            (1, "manager", {}), (2, "manager_2", {}), (3, "department_head", {})
        )
        event = self._fired(self._rule(self.revenue, level_ids=levels), self.revenue)
        self._sweep()
        told = [("manager", [(event.id, "escalated")])]
        self.assertEqual(self._escalated(minutes=1), told)
        above = [("chief", [(event.id, "escalated")])]
        self.assertEqual(self._escalated(minutes=2), above)

    def test_who_is_on_leave_is_passed_over(self):
        event = self._fired(
            self._rule(
                self.revenue,
                level_ids=self._levels((10, "manager", {}), (20, "manager_2", {})),
            ),
            self.revenue,
        )
        self._sweep()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": self.boss.resource_id.id,
                "calendar_id": self.boss.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": fields.Datetime.now() - timedelta(days=1),
                "date_to": fields.Datetime.now() + timedelta(days=5),
            }
        )
        self.assertEqual(
            self._escalated(minutes=11), [("chief", [(event.id, "escalated")])]
        )

    def _escalated_with_deputy(self, **values):
        """Who is told where the manager, asked before the chief, has a deputy."""
        today = fields.Date.today()
        self.env["kpi.approval.delegation"].create(
            {
                "user_id": self.boss.user_id.id,
                "delegate_id": self.officer.id,
                "date_from": today - timedelta(days=2),
                "date_to": today + timedelta(days=5),
                **values,
            }
        )
        levels = self._levels((10, "manager", {}), (20, "manager_2", {}))
        self._fired(self._rule(self.revenue, level_ids=levels), self.revenue)
        self._sweep()
        return [login for login, _notices in self._escalated(minutes=11)]

    def test_who_has_a_deputy_is_passed_over_as_on_leave(self):
        self.assertEqual(self._escalated_with_deputy(), ["chief"])

    def test_a_deputy_for_some_approvals_is_no_absence(self):
        workflow = self.env["kpi.approval.workflow"].search([], limit=1)
        told = self._escalated_with_deputy(workflow_ids=workflow.ids)
        self.assertEqual(told, ["manager"])

    def test_no_escalation_unless_asked_for(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        self.assertFalse(event.next_step_at)

    def test_levels_one_after_the_other(self):
        group = self.env["res.groups"].create(
            {"name": "Board", "user_ids": [Command.link(self.officer.id)]}
        )
        rule = self._rule(
            self.revenue,
            level_ids=self._levels(
                (10, "owner", {}),
                (20, "manager", {}),
                (30, "manager_2", {}),
                (40, "department_head", {}),
                (50, "group", {"group_id": group.id}),
            ),
        )
        event = self._fired(rule, self.revenue)
        self._sweep()
        found = []
        for minute in (11, 21, 31, 51):
            found += self._escalated(minutes=minute)
        # of a KPI of the company the department is that of its responsible: East has
        # no manager, so that the group is told at once
        expected = ["user", "manager", "chief", "officer"]
        self.assertEqual([who for who, _lines in found], expected)
        self.assertFalse(event.next_step_at)

    def test_levels_that_were_missed_count_as_one(self):
        rule = self._rule(
            self.revenue,
            level_ids=self._levels((10, "manager", {}), (20, "manager_2", {})),
        )
        self._fired(rule, self.revenue)
        self._sweep()
        told = [who for who, _lines in self._escalated(hours=5)]
        self.assertEqual(told, ["chief", "manager"])

    def test_nobody_there(self):
        """The next level at once, after the last one the administrators."""
        rota = self.env["kpi.alert.rota"].create(
            {"name": "Night", "company_id": self.company.id}
        )
        rule = self._rule(
            self.revenue,
            level_ids=self._levels(
                (10, "rota", {"rota_id": rota.id}), (60, "manager", {})
            ),
        )
        event = self._fired(rule, self.revenue)
        self._sweep()
        self.assertEqual(
            self._escalated(minutes=11), [("manager", [(event.id, "escalated")])]
        )
        self.assertFalse(event.next_step_at)

    def test_after_the_last_the_administrators(self):
        self.employee.parent_id = False
        self.east.manager_id = False
        self.manager.active = False
        rule = self._rule(self.revenue, level_ids=self._levels((10, "manager", {})))
        event = self._fired(rule, self.revenue)
        self._sweep()
        told = dict(self._escalated(minutes=11))
        self.assertIn("keeper", told)
        self.assertNotIn("officer", told)
        self.assertFalse(event.next_step_at)

    def test_who_may_not_see_the_kpi_is_not_there(self):
        stranger = self._create_user("guest", groups="kpi_base.kpi_base_group_user")
        self.employee.parent_id = self._employ(stranger, self.east)
        rule = self._rule(
            self.revenue,
            level_ids=self._levels((10, "manager", {}), (20, "manager_2", {})),
        )
        event = self._fired(rule, self.revenue)
        self._sweep()
        self.assertNotIn("guest", dict(self._escalated(minutes=11)))
        self.assertNotIn(stranger, event.notified_user_ids)

    def _passed_over(self, user, event):
        """Lines of the timeline that say who was passed over, as a user reads it."""
        entries = self._as(user, event).get_timeline()
        return [
            line
            for entry in entries
            if entry["kind"] == "passed_over"
            for line in entry["lines"]
        ]

    def test_the_timeline_says_who_was_passed_over(self):
        guest = self._create_user("guest", groups="kpi_base.kpi_base_group_user")
        gone = self._create_user("gone", groups="kpi_base.kpi_base_group_officer")
        mute = self._create_user("mute", groups="kpi_base.kpi_base_group_officer")
        away = self._create_user("away", groups="kpi_base.kpi_base_group_officer")
        employee = self._employ(away, self.sales)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": employee.resource_id.id,
                "calendar_id": employee.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": fields.Datetime.now() - timedelta(days=1),
                "date_to": fields.Datetime.now() + timedelta(days=5),
            }
        )
        gone.active = False
        mute.email = "no address"
        away.email = guest.email = "a@example.com"
        group = self.env["res.groups"].create(
            {"name": "Board", "user_ids": [Command.set((guest | mute | away).ids)]}
        )
        self.employee.parent_id = self.boss
        self.boss.user_id = gone
        rule = self._rule(
            self.revenue,
            level_ids=self._levels(
                (10, "manager", {}),
                (10, "group", {"group_id": group.id}),
                (20, "manager_2", {}),
            ),
        )
        self.chief.email = "chief@example.com"
        event = self._fired(rule, self.revenue)
        self._sweep()
        self.assertEqual(
            self._escalated(minutes=11), [("chief", [(event.id, "escalated")])]
        )
        self.assertEqual(
            sorted(self._passed_over(self.officer, event)),
            sorted(
                [
                    f"{gone.name}: no longer works here",
                    f"{guest.name}: cannot see this KPI",
                    f"{mute.name}: has no email address",
                    f"{away.name}: away",
                ]
            ),
        )
        self.assertFalse(self._passed_over(self.user, event))
        with self.assertRaises(AccessError):
            self._as(self.user, event).read(["passed_over"])

    def test_acknowledging_stops_it(self):
        rule = self._rule(self.revenue, auto_escalation=True, remind_after_hours=72)
        event = self._fired(rule, self.revenue)
        self._sweep()
        self._as(self.user, event).action_acknowledge()
        self.assertFalse(self._escalated(hours=71))
        with self._later(hours=73):
            self.assertEqual(self._sweep(), [("user", [(event.id, "reminded")])])
            self.assertEqual(event.state, "acknowledged")
            self.assertFalse(self._sweep())
        self.assertTrue(self._escalated(hours=146))

    def test_a_snooze_ends(self):
        rule = self._rule(self.revenue, auto_escalation=True)
        event = self._fired(rule, self.revenue)
        self._sweep()
        until = fields.Datetime.now() + timedelta(hours=5)
        self._as(self.user, event).action_snooze(until)
        self.assertFalse(self._escalated(hours=4))
        with self._later(hours=5, minutes=1):
            self.assertEqual(self._sweep(), [("user", [(event.id, "reminded")])])
            self.assertEqual(event.state, "firing")
        self.assertFalse(self._escalated(hours=5, minutes=59))
        self.assertEqual(
            self._escalated(hours=6, minutes=2),
            [("manager", [(event.id, "escalated")])],
        )

    def test_it_is_escalated_again_after_a_snooze(self):
        rule = self._rule(self.revenue, auto_escalation=True)
        event = self._fired(rule, self.revenue)
        self._sweep()
        self.assertTrue(self._escalated(hours=2))
        with self._later(hours=3):
            until = fields.Datetime.now() + timedelta(hours=1)
            self._as(self.manager, event).action_snooze(until)
        self.assertEqual(
            self._escalated(hours=4, minutes=1),
            [("manager", [(event.id, "reminded")]), ("user", [(event.id, "reminded")])],
        )
        self.assertEqual(
            self._escalated(hours=5, minutes=2),
            [("manager", [(event.id, "escalated")])],
        )

    def test_an_escalation_waits_for_a_silence(self):
        rule = self._rule(self.revenue, auto_escalation=True)
        event = self._fired(rule, self.revenue)
        self._sweep()
        self._silence(hours=3)
        self.assertFalse(self._escalated(hours=2))
        self.assertEqual(
            self._escalated(hours=3, minutes=1),
            [("manager", [(event.id, "escalated")])],
        )

    def test_levels_count_from_the_end_of_a_silence(self):
        """What was held for everybody is told first, and escalated in its time."""
        rule = self._rule(
            self.revenue,
            level_ids=self._levels((60, "manager", {}), (90, "manager_2", {})),
        )
        self._silence(hours=5)
        event = self._fired(rule, self.revenue)
        for hours in (0, 1, 2, 4):
            self.assertFalse(self._escalated(hours=hours, minutes=1))
        self.assertFalse(event.next_step_at)
        told = [
            self._escalated(hours=5 + minutes // 60, minutes=minutes % 60)
            for minutes in (1, 59, 62, 90, 92)
        ]
        self.assertEqual(
            told,
            [
                [("user", [(event.id, "fired")])],
                [],
                [("manager", [(event.id, "escalated")])],
                [],
                [("chief", [(event.id, "escalated")])],
            ],
        )

    def test_levels_count_from_the_end_of_a_cooldown(self):
        rule = self._rule(
            self.revenue, auto_escalation=True, alert_cooldown_minutes=120
        )
        first = self._fired(rule, self.revenue)
        self._sweep()
        first._resolve("cleared")
        event = self._fired(rule, self.revenue)
        self._sweep()
        self.assertFalse(self._escalated(minutes=61))
        self.assertEqual(
            self._escalated(minutes=121), [("user", [(event.id, "fired")])]
        )
        self.assertFalse(self._escalated(minutes=179))
        self.assertEqual(
            self._escalated(minutes=182), [("manager", [(event.id, "escalated")])]
        )

    def _quiet(self, *users):
        """From now on for five hours."""
        hour = fields.Datetime.now().hour
        self.env["kpi.alert.quiet"].create(
            [
                {
                    "user_id": user.id,
                    "hour_from": hour,
                    "hour_to": (hour + 5) % 24,
                    "tz": "UTC",
                    "saturday": False,
                    "sunday": False,
                }
                for user in users
            ]
        )

    def test_quiet_hours_of_all_end_with_the_first_message(self):
        self._quiet(self.user, self.manager)
        event = self._fired(
            self._rule(self.revenue, auto_escalation=True), self.revenue
        )
        self._sweep()
        self.assertFalse(self._escalated(minutes=61))
        self.assertEqual(self._escalated(hours=5), [("user", [(event.id, "fired")])])
        self.assertFalse(self._escalated(hours=5, minutes=58))
        self.assertEqual(
            self._escalated(hours=6, minutes=1),
            [("manager", [(event.id, "escalated")])],
        )

    def test_a_mute_that_ends_is_told_before_anybody_is_escalated_to(self):
        rule = self._rule(self.revenue, auto_escalation=True)
        mutes = self.env["kpi.alert.mute"].create(
            [
                {"user_id": user.id, "alert_id": rule.id}
                for user in (self.user, self.manager)
            ]
        )
        event = self._fired(rule, self.revenue)
        self._sweep()
        self.assertFalse(self._escalated(hours=2))
        with self._later(hours=3):
            mutes.unlink()
            self.assertEqual(self._sweep(), [("user", [(event.id, "fired")])])
        self.assertEqual(
            self._escalated(hours=4, minutes=1),
            [("manager", [(event.id, "escalated")])],
        )

    def test_whoever_is_next_does_not_wait_for_quiet_hours_of_others(self):
        rule = self._rule(self.revenue, auto_escalation=True)
        self._quiet(self.user)
        event = self._fired(rule, self.revenue)
        self._sweep()
        self.assertEqual(
            self._escalated(minutes=61), [("manager", [(event.id, "escalated")])]
        )
        self.assertEqual(self._escalated(hours=5), [("user", [(event.id, "fired")])])
        self.assertFalse(self._escalated(hours=8))

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

    def test_a_clock_that_was_three_days_ahead(self):
        rule = self._rule(self.revenue, auto_escalation=True)
        with self._later(days=3):
            event = self._fired(rule, self.revenue)
            self._sweep()
        self.assertFalse(self._sweep())
        self.assertEqual(
            self._escalated(minutes=61), [("manager", [(event.id, "escalated")])]
        )

    def test_personal_rules_are_not_escalated(self):
        self.revenue.shared_user_ids = self.user
        with self.assertRaisesRegex(ValidationError, "only notify their owner"):
            self._rule(
                self.revenue,
                owner_id=self.user.id,
                is_personal=True,
                auto_escalation=True,
            )
        rule = self._rule(self.revenue, owner_id=self.user.id, is_personal=True)
        levels = self._as(self.user, self.env["kpi.alert.level"])
        with self.assertRaisesRegex(ValidationError, "only notify their owner"):
            levels.create({"alert_id": rule.id, "whom": "owner"})

    def test_levels_that_make_no_sense(self):
        with self.assertRaisesRegex(ValidationError, "group or rota"):
            self._rule(self.revenue, level_ids=self._levels((10, "rota", {})))

    def test_a_rota(self):
        rota = self.env["kpi.alert.rota"].create(
            {"name": "Night", "company_id": self.company.id}
        )
        shifts = self.env["kpi.alert.shift"]
        now = fields.Datetime.now()

        def shift(user, start, stop, **more):
            return shifts.create(
                {
                    "rota_id": rota.id,
                    "user_id": user.id,
                    "date_from": now + timedelta(hours=start),
                    "date_to": now + timedelta(hours=stop),
                    **more,
                }
            )

        shift(self.user, -1, 8)
        shift(self.manager, 8, 16)
        shift(self.chief, 2, 3, is_override=True)
        on_call = {
            hour: rota._find_on_call(now + timedelta(hours=hour)).get(rota.id)
            for hour in (-2, 0, 2, 3, 8, 16)
        }
        self.assertEqual(
            on_call,
            {
                -2: None,
                0: self.user,
                2: self.chief,
                3: self.user,
                8: self.manager,
                16: None,
            },
        )
        with self.assertRaises(AccessError):
            self._as(self._create_user("other"), rota).action_hand_over(self.chief.id)
        own = self._as(self.user, rota)
        with self.assertRaises(UserError):
            own.action_hand_over(self.env.ref("base.public_user").id)
        stranger = self._create_user("stranger", self._create_company("Another"))
        message = "only .* employees can be on call"
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            rota.action_hand_over(stranger.id)
        own.action_hand_over(self.officer.id)
        rota.invalidate_recordset()
        self.assertEqual(rota.on_call_id, self.officer)
        self.assertEqual(
            rota._find_on_call(now + timedelta(hours=9))[rota.id], self.manager
        )

    def test_who_hands_over_reads_what_the_other_may_not_see(self):
        rota = self.env["kpi.alert.rota"].create(
            {"name": "Night", "company_id": self.company.id}
        )
        now = fields.Datetime.now()
        self.env["kpi.alert.shift"].create(
            {
                "rota_id": rota.id,
                "user_id": self.chief.id,
                "date_from": now,
                "date_to": now + timedelta(hours=1),
            }
        )
        levels = ((10, "rota", {"rota_id": rota.id}), (20, "owner", {}))
        rule = self._rule(self.revenue, level_ids=self._levels(*levels))
        self.assertFalse(self._as(self.chief, rota).unseen_notice)
        dialog = self._as(self.chief, self.env["kpi.alert.hand.over"]).create(
            {"rota_id": rota.id, "user_id": self.admin_user.id}
        )
        self.assertFalse(dialog.unseen_notice)
        guest = self._create_user("guest", groups="kpi_base.kpi_base_group_user")
        dialog.user_id = guest
        self.assertIn(f"guest cannot see {self.revenue.name}", dialog.unseen_notice)
        dialog.action_hand_over()
        rota = self._as(self.chief, rota)
        self.assertEqual(rota.unseen_notice, dialog.unseen_notice)
        # who may not see the KPI does not read its name
        self.assertFalse(self._as(guest, rota).unseen_notice)
        event = self._fired(rule, self.revenue)
        self._sweep()
        self.assertEqual(
            self._escalated(minutes=11), [("user", [(event.id, "escalated")])]
        )

    def test_the_rota_of_this_moment_is_told(self):
        rota = self.env["kpi.alert.rota"].create(
            {"name": "Night", "company_id": self.company.id}
        )
        now = fields.Datetime.now()
        self.env["kpi.alert.shift"].create(
            {
                "rota_id": rota.id,
                "user_id": self.chief.id,
                "date_from": now,
                "date_to": now + timedelta(hours=1),
            }
        )
        rule = self._rule(
            self.revenue, level_ids=self._levels((10, "rota", {"rota_id": rota.id}))
        )
        event = self._fired(rule, self.revenue)
        self._sweep()
        self.assertEqual(
            self._escalated(minutes=11), [("chief", [(event.id, "escalated")])]
        )
