from datetime import timedelta

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestDemoAlerts(TransactionCase):
    """The demo company has alerts in every state, each with somebody who has it."""

    def _centre(self, name):
        user = self.env.ref(f"kpi_demo.{name}")
        companies = user.company_ids.ids
        events = self.env["kpi.alert.event"].with_user(user)
        return events.with_context(allowed_company_ids=companies).get_centre()

    def test_one_in_each_state(self):
        events = self.env["kpi.alert.event"].search([])
        states = set(events.mapped("state"))
        self.assertLessEqual({"firing", "acknowledged", "resolved"}, states)
        self.assertNotIn(False, events.mapped("reason"))

    def test_the_controller_and_an_account_manager_have_something_to_do(self):
        for name in ("user_clara_vogt", "user_anna_berg"):
            with self.subTest(name):
                self.assertTrue(self._centre(name)["count"])

    def test_a_kpi_has_alerts_on_two_levels_that_nobody_has_acknowledged(self):
        rows = self._centre("user_clara_vogt")["alerts"]
        found = [row for row in rows if row["severity"] == "critical"]
        self.assertTrue(found)
        for row in found:
            self.assertIn("info", [other["severity"] for other in row["others"]])
        events = self.env["kpi.alert.event"].search([("severity", "=", "critical")])
        changes = set(events.notice_ids.mapped("change"))
        self.assertLessEqual({"reminded", "escalated"}, changes)

    def test_somebody_is_on_call_and_gets_what_nobody_acknowledged(self):
        rota = self.env.ref("kpi_demo.kpi_alert_rota")
        self.assertEqual(rota.on_call_id, self.env.ref("kpi_demo.user_clara_vogt"))
        told = self.env["kpi.alert.notice"].search([("change", "=", "escalated")])
        self.assertEqual(told.user_id, rota.on_call_id)

    def test_what_happened_to_an_alert_happened_when_it_fired_or_later(self):
        events = self.env["kpi.alert.event"].search([])
        for event in events:
            with self.subTest(event.name):
                changes = {each.change: each.changed_at for each in event.change_ids}
                self.assertEqual(changes.pop("fired"), event.fired_at)
                told = event.notice_ids.filtered(lambda each: each.change == "fired")
                moments = [*changes.values(), *filter(None, told.mapped("notified_at"))]
                # what is a part of another alert waits for it
                self.assertTrue(moments or told.filtered("hold_reason"))
                for moment in moments:
                    self.assertLess(moment - event.fired_at, timedelta(days=2))
                    self.assertGreaterEqual(moment, event.fired_at)
                self.assertFalse(event.is_initial)

    def test_no_alert_is_about_a_kpi_on_track(self):
        opened = self.env["kpi.alert.event"].search([("state", "!=", "resolved")])
        self.assertTrue(opened)
        self.assertFalse(opened.filtered(lambda each: each.status == "on_target"))

    def test_nobody_gets_mail_of_them(self):
        rules = self.env["kpi.smart.alert"].search([("state", "=", "on")])
        self.assertEqual(set(rules.mapped("notification_channels")), {"inbox"})
