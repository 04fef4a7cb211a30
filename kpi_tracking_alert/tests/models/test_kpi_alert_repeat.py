from datetime import datetime, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .routing_case import RoutingCase

NOW = datetime(2026, 3, 4, 12)  # a Wednesday


@tagged("post_install", "-at_install")
class TestKpiAlertRepeat(RoutingCase):
    """What nobody acknowledges is told again and again."""

    def setUp(self):
        super().setUp()
        self.manager.group_ids += self.env.ref("kpi_base.kpi_base_group_officer")
        self.enterContext(self._at(NOW))

    def _rule(self, *reports, **values):
        """A rule that repeats as its severity has it, unless told."""
        rule = super()._rule(*reports, **{"severity": "critical", **values})
        if "repeat_hours" not in values:
            rule._compute_repeat_hours()
        return rule

    def _changes(self, *hours):
        """Hour → what is told then, to whom; hours at which nothing is are left out."""
        told = {}
        for hour in hours:
            with self._at(NOW + timedelta(hours=hour, seconds=1)):
                swept = self._sweep()
            if swept:
                told[hour] = [(who, lines[0][1]) for who, lines in swept]
        return told

    def test_once_a_day_or_an_hour_by_severity_unless_the_rule_says_otherwise(self):
        again, first = [("officer", "reminded")], [("officer", "fired")]
        hours = [0, 0.9, 1.1, 2.2, 23, 24.1, 25]
        for severity, own, heard in (
            ("critical", None, {1.1, 2.2, 23, 24.1}),
            ("urgent", None, {1.1, 2.2, 23, 24.1}),
            ("warning", None, {24.1}),
            ("info", None, {24.1}),
            ("critical", 4, {23}),
            ("critical", 0, set()),
        ):
            with self.subTest(severity=severity, own=own):
                more = {} if own is None else {"repeat_hours": own}
                rule = self._rule(self.revenue, severity=severity, **more)
                event = self._fired(rule, self.revenue)
                expected = {0: first, **dict.fromkeys(heard, again)}
                self.assertEqual(self._changes(*hours), expected)
                event._resolve("cleared")
                self.notices.search([]).unlink()

    def test_it_stops_when_somebody_acknowledges_or_snoozes_it_or_it_ends(self):
        for hours in range(3):
            rule = self._rule(self.revenue, remind_after_hours=0)
            event = self._fired(rule, self.revenue)
            self.assertEqual(len(self._changes(0, 1.1)), 2)
            own = self._as(self.officer, event)
            if hours == 0:
                own.action_acknowledge()
            elif hours == 1:
                own.action_snooze(NOW + timedelta(hours=60))
            else:
                event._resolve("cleared")
                self._sweep()
            self.assertFalse(self._changes(2.2, 3.3, 50))
            event._resolve("cleared")
            self.notices.search([]).unlink()

    def test_after_a_day_off_it_is_told_once(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        self.assertEqual(list(self._changes(0, 24, 24.5, 25.1)), [0, 24, 25.1])
        titles = [entry["title"] for entry in event.get_timeline()]
        self.assertIn("Notified again, 2 times", titles)

    def test_quiet_hours_and_mutes_hold_one_message(self):
        own = self._as(self.manager, self.env["kpi.alert.quiet"])
        own.create({"hour_from": 14.0, "hour_to": 20.0, "tz": "UTC"})
        mutes = self.env["kpi.alert.mute"]
        rule = self._rule(self.revenue, user_ids=[Command.link(self.manager.id)])
        self._fired(rule, self.revenue)
        both = [("manager", "reminded"), ("officer", "reminded")]
        told = self._changes(0, 1.1, 2.2, 3.3, 4.4, 5.5, 6.6, 7.7, 8.1)
        self.assertEqual(told[1.1], both)
        alone = both[1:]
        self.assertEqual([told[hour] for hour in (2.2, 3.3, 5.5, 7.7)], [alone] * 4)
        self.assertNotIn(6.6, {h for h in told if len(told[h]) > 1})
        self.assertEqual(told[8.1], both[:1])  # once, when they are over
        mutes.create({"user_id": self.officer.id, "alert_id": rule.id})
        muted = self._changes(9.2, 10.3, 11.4)
        self.assertEqual(list(muted.values()), [both[:1]] * 3)
        mutes.search([]).unlink()
        self.assertEqual(self._changes(11.5), {11.5: alone})

    def test_who_answers_for_the_kpi_by_now_is_told_where_others_have_left(self):
        self._fired(self._rule(self.revenue), self.revenue)
        self.assertTrue(self._changes(0))
        self.revenue.owner_id = self.manager
        self.officer.active = False
        self.assertEqual(self._changes(1.1), {1.1: [("manager", "reminded")]})

    def test_where_nobody_sees_it_any_more_the_administrators_are_told(self):
        keeper = self._create_user("keeper", groups="kpi_base.kpi_base_group_admin")
        event = self._fired(self._rule(self.revenue), self.revenue)
        self.assertTrue(self._changes(0))
        self.officer.active = False
        self.assertIn(("keeper", "reminded"), self._changes(1.1, 1.2)[1.2])
        self.assertIn(keeper, event.notified_user_ids)

    def test_levels_are_told_in_their_time_beside_it(self):
        levels = [Command.create({"after_minutes": 90, "whom": "group"})]
        group = {"name": "Board", "user_ids": [Command.link(self.manager.id)]}
        levels[0][2]["group_id"] = self.env["res.groups"].create(group).id
        event = self._fired(self._rule(self.revenue, level_ids=levels), self.revenue)
        told = self._changes(0, 1.1, 1.4, 1.51, 2.6)
        self.assertEqual(told[1.1], [("officer", "reminded")])
        self.assertEqual(told[1.51], [("manager", "escalated")])
        self.assertEqual(told[2.6], [("manager", "reminded"), ("officer", "reminded")])
        for hours, passed in ((2.6, "2 hours"), (71, "2 days")):
            with self._at(NOW + timedelta(hours=hours)):
                said = event._say_change({"change": "reminded"})
            self.assertEqual(said, f"Not acknowledged for {passed}.")

    def test_a_kpi_that_stays_down_after_flapping_is_told_when_it_is_calm(self):
        for severity, calm in (("critical", 1), ("warning", 4)):
            rule = self._rule(self.revenue, severity=severity, alert_cooldown_minutes=0)
            for minute in range(5):
                with self._at(NOW + timedelta(minutes=minute)):
                    event = self._fired(rule, self.revenue)
                    self._sweep()
                    if minute < 4:
                        event._resolve("cleared")
                        self._sweep()
            self.assertEqual(event.notice_ids.hold_reason, "flapping")
            told = self._changes(calm - 0.1, calm + 0.1)
            self.assertEqual(told, {calm + 0.1: [("officer", "fired")]})
            line = self.outbox.search([], order="id desc", limit=1).line_ids
            self.assertFalse(line.data["is_flapping"])
            event._resolve("cleared")
            self.notices.search([]).unlink()
