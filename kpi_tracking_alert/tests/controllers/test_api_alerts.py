from datetime import datetime, timedelta, timezone

from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

IN_WORDS = "70% of target, below 90% for 2 months"


@tagged("post_install", "-at_install")
class TestApiAlerts(KpiApiCase):
    """Alerts as programs read them, and what they may say to them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env["kpi.smart.alert"].create(
            {
                "name": "Below Target",
                "report_ids": [(6, 0, (cls.report | cls.own_report).ids)],
                "threshold": 0.9,
            }
        )
        cls.alert, cls.own_alert = (
            cls.env["kpi.alert.event"]._fire([cls._values(report)])
            for report in (cls.report, cls.own_report)
        )

    @classmethod
    def _values(cls, report):
        return {
            "alert_id": cls.rule.id,
            "rule_name": cls.rule.name,
            "report_id": report.id,
            "alert_type": cls.rule.alert_type,
            "severity": "critical",
            "grain": "month",
            "period_start": "2026-02-01",
            "since_period": "2026-01-01",
            "value": 70.0,
            "compared": "target",
            "measured": 0.7,
            "limit": 0.9,
        }

    def _path(self, what="", alert=None):
        return f"/alerts/{(alert or self.alert).id}{what}"

    def _list(self, query="", who="officer"):
        items = self.ask(f"/alerts{query}", who=who).json()["items"]
        ours = {self.alert.id, self.own_alert.id}
        return [item for item in items if item["id"] in ours]

    def test_open_alerts(self):
        newest, first = self._list()
        self.assertEqual(
            (newest["id"], first["id"]), (self.own_alert.id, self.alert.id)
        )
        self.assertEqual(first["report"]["id"], self.report.id)
        self.assertEqual((first["rule"], first["state"]), ("Below Target", "firing"))
        self.assertEqual(first["message"], f"{self.report.name}, Feb 2026: {IN_WORDS}")
        self.assertEqual((first["since"], first["value"]), ("2026-01-01", 70.0))
        self.assertIsNone(first["assignee"])
        self.assertTrue(first["opened_at"].endswith("Z"))

    def test_resolved_ones_only_where_asked_for(self):
        self.alert._resolve("cleared")
        self.assertEqual([each["id"] for each in self._list()], self.own_alert.ids)
        found = self._list("?is_open=false")
        self.assertEqual([each["id"] for each in found], self.alert.ids)

    def test_people_see_alerts_of_the_kpis_they_see(self):
        found = self._list(who="user")
        self.assertEqual([each["id"] for each in found], self.own_alert.ids)
        for method, what in (("GET", ""), ("POST", "/acknowledge")):
            with self.subTest(what=what):
                answer = self.ask(self._path(what), who="user", method=method)
                self.assertProblem(answer, "not-found")
        self.assertEqual(self.alert.state, "firing")

    def test_acknowledge(self):
        answer = self.ask(self._path("/acknowledge"), method="POST").json()
        self.assertEqual(answer["state"], "acknowledged")
        self.assertEqual(answer["assignee"]["id"], self.people["officer"].id)

    def test_snooze_until_moments_at_the_ends_of_time(self):
        for until in ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"):
            with self.subTest(until=until):
                asked = {"method": "POST", "json": {"until": until}}
                answer = self.ask(self._path("/snooze"), **asked)
                self.assertEqual(answer.status_code, 422)
        self.assertEqual(self.alert.state, "firing")

    def test_snooze_until_a_moment_with_its_time_zone(self):
        zone = timezone(timedelta(hours=2))
        until = datetime.now(zone).replace(microsecond=0) + timedelta(days=1)
        body = {"until": until.isoformat()}
        path = self._path("/snooze")
        answer = self.ask(path, method="POST", json=body).json()
        self.assertEqual(answer["state"], "snoozed")
        expected = until.astimezone(timezone.utc).replace(tzinfo=None)
        self.assertEqual(self.alert.snoozed_until, expected)
        for wrong in ("2001-01-01T00:00:00Z", "2027-01-01T00:00:00", "soon", None):
            with self.subTest(wrong=wrong):
                answer = self.ask(path, method="POST", json={"until": wrong})
                self.assertIn(answer.status_code, (409, 422))

    def test_resolve_with_a_reason(self):
        reasons = self.ask("/alert-reasons").json()["items"]
        reason = next(each for each in reasons if each["name"] == "Wrong Data")
        body = {"reason_id": reason["id"], "note": "Counted twice"}
        answer = self.ask(self._path("/resolve"), method="POST", json=body).json()
        self.assertEqual(answer["state"], "resolved")
        self.assertEqual(self.alert.reason_id.id, reason["id"])
        self.assertEqual(self.alert.resolution_note, "Counted twice")

    def test_resolve_with_a_reason_that_does_not_exist(self):
        asked = {"method": "POST", "json": {"reason_id": 2**31 - 1}}
        self.assertProblem(self.ask(self._path("/resolve"), **asked), "invalid")
        self.assertEqual(self.alert.state, "firing")

    def test_who_only_sees_an_alert_does_not_change_it(self):
        self.report.shared_user_ids = self.people["user"]
        answer = self.ask(self._path("/acknowledge"), who="user", method="POST")
        self.assertProblem(answer, "forbidden")
        self.alert.addressee_ids = self.people["user"]
        answer = self.ask(self._path("/acknowledge"), who="user", method="POST")
        self.assertEqual(answer.json()["state"], "acknowledged")

    def test_a_key_that_only_reads_changes_nothing(self):
        key = self._key("officer", scopes=["kpi.read"])
        answer = self.ask(self._path("/acknowledge"), method="POST", key=key)
        self.assertProblem(answer, "insufficient-scope")

    def test_an_alert_that_has_changed_since_it_was_read(self):
        tag = self.ask(self._path()).headers["ETag"]
        self.alert.action_acknowledge()
        headers = {"If-Match": tag}
        answer = self.ask(
            self._path("/resolve"), method="POST", headers=headers, json={}
        )
        self.assertProblem(answer, "precondition-failed")
