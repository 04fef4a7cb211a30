from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .routing_case import RoutingCase


@tagged("post_install", "-at_install")
class TestKpiAlertHistory(RoutingCase):
    """What happened to alerts, and what rules are worth."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.revenue.shared_user_ids = cls.complaints.shared_user_ids = cls.manager
        cls.rule = cls._rule(
            cls.revenue,
            cls.complaints,
            alert_cooldown_minutes=0,
            user_ids=[Command.link(cls.manager.id)],
        )

    def test_the_timeline_of_an_alert(self):
        event = self._fired(self.rule, self.revenue)
        with self._later(minutes=1):
            self._sweep()
        with self._later(minutes=2):
            self._as(self.officer, event).action_acknowledge()
        with self._later(minutes=3):
            until = fields.Datetime.now() + timedelta(days=1)
            self._as(self.officer, event).action_snooze(until)
        with self._later(minutes=4):
            event._resolve("corrected", "It was 95.")
        with self._later(minutes=5):
            self._sweep()
        entries = self._as(self.officer, event).get_timeline()
        self.assertEqual(
            [(entry["title"], entry["by"]) for entry in reversed(entries)],
            [
                ("Opened", ""),
                ("Notified", ""),
                ("Acknowledged", "officer"),
                ("Snoozed", "officer"),
                ("Resolved", ""),
                ("Notified of resolution", ""),
            ],
        )
        self.assertEqual(entries[1]["lines"], ["The value was corrected. It was 95."])
        whom = entries[0]["lines"][0].split(", ")
        self.assertEqual(sorted(whom), ["manager", "officer"])
        with self.assertRaises(AccessError):
            self._as(self.user, event).get_timeline()

    def test_quality(self):
        start = fields.Datetime.now()
        useless = self.env.ref("kpi_tracking_alert.kpi_alert_reason_useless")
        fixed = self.env.ref("kpi_tracking_alert.kpi_alert_reason_fixed")
        # acknowledged after 10, 20, 30 minutes, resolved an hour after firing
        for number, reason in enumerate((useless, fixed, fixed)):
            with self._at(start + timedelta(hours=2 * number)):
                event = self._fired(self.rule, self.revenue, f"2026-0{number + 1}")
                self._sweep()
            own = self._as(self.officer, event)
            with self._at(
                start + timedelta(hours=2 * number, minutes=10 + 10 * number)
            ):
                own.action_acknowledge()
            with self._at(start + timedelta(hours=2 * number + 1)):
                own.action_resolve(reason.id)
                self._sweep()
        with self._at(start + timedelta(hours=7)):
            self._fired(self.rule, self.complaints)
            self._sweep()
        other = self._rule(self.revenue)
        with self._at(start + timedelta(hours=8)), self.assertQueryCount(60):
            found = self._as(self.officer, self.rule | other).get_quality()
        self.assertEqual(found[other.id]["fired"], 0)
        quality = found[self.rule.id]
        self.assertEqual((quality["fired"], quality["open"]), (4, 1))
        self.assertEqual(quality["acknowledge_seconds"], 20 * 60)
        self.assertEqual(quality["resolve_seconds"], 60 * 60)
        self.assertEqual(quality["alarm_seconds"], 4 * 60 * 60)
        self.assertEqual(
            quality["reasons"],
            [{"name": "Fixed", "count": 2}, {"name": "Not Useful", "count": 1}],
        )
        self.assertAlmostEqual(quality["useless_ratio"], 1 / 3)
        by_name = {row["name"]: row for row in quality["receivers"]}
        self.assertEqual(by_name["manager"]["told"], 4)
        self.assertEqual(by_name["manager"]["acknowledged"], 0)
        self.assertIsNone(by_name["manager"]["acknowledge_seconds"])
        self.assertEqual(by_name["officer"]["told"], 3)
        self.assertEqual(by_name["officer"]["acknowledged"], 3)
        self.assertEqual(by_name["officer"]["acknowledge_seconds"], 20 * 60)

    def test_quality_counts_what_one_may_see(self):
        self._fired(self.rule, self.revenue)
        self.assertEqual(self.rule.get_quality()[self.rule.id]["fired"], 1)
        with self.assertRaises(AccessError):
            self._as(self.user, self.rule).get_quality()

    def test_rules_show_where_a_kpi_is_used(self):
        users = self.env["kpi.use.link"]._list_users(self.revenue.definition_id)
        found = {each["label"]: each["items"] for each in users}
        self.assertEqual([item["id"] for item in found["Alert Rules"]], self.rule.ids)

    def test_what_hangs_on_a_leaver(self):
        links = self.env["kpi.user.link"]
        self._rule(self.revenue, owner_id=self.officer.id, is_personal=True)
        rota = self.env["kpi.alert.rota"].create(
            {"name": "Night", "company_id": self.company.id}
        )
        now = fields.Datetime.now()
        shifts = self.env["kpi.alert.shift"].create(
            [
                {
                    "rota_id": rota.id,
                    "user_id": self.officer.id,
                    "date_from": now + timedelta(days=days),
                    "date_to": now + timedelta(days=days + 1),
                }
                for days in (-2, 2)
            ]
        )
        event = self._fired(self.rule, self.revenue)
        self._as(self.officer, event).action_acknowledge()
        found = {
            (link.model, link.field): records
            for link, records in links._find_records(self.officer, "hand_over").items()
        }
        self.assertEqual(found["kpi.smart.alert", "owner_id"], self.rule)
        self.assertEqual(found["kpi.alert.event", "assignee_id"], event)
        self.assertEqual(found["kpi.alert.shift", "user_id"], shifts[1])
