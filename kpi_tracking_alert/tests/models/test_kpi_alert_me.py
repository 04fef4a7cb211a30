from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .alert_case import AlertCase

NOW = "2026-03-11 12:00:00"
ALERT, QUIET, NONE = "alert", "quiet", "none"


@tagged("post_install", "-at_install")
class TestKpiAlertMe(AlertCase):
    """The dialog “Alert Me”: a sentence, a channel that delivers, and what was."""

    def setUp(self):
        super().setUp()
        self.enterContext(self._at(NOW))
        self.revenue.shared_user_ids = self.user

    def _open(self, user, report=None):
        own = self._as(user, report or self.revenue)
        action = own.action_alert_me()
        rules = self._as(user, self.env["kpi.smart.alert"])
        return Form(rules.with_context(**action["context"]), action["views"][0][0])

    def _states(self, dialog):
        return [each["state"] for each in dialog.trial["periods"]]

    def test_the_sentence_says_what_the_rule_watches(self):
        dialog = self._open(self.user)
        self.assertEqual(dialog.watched_in_words, self.revenue.display_name)
        self.assertEqual(dialog.watched_for, "off_target")
        self.assertEqual(dialog.looks_at, "closed")
        rule = dialog.save()
        self.assertEqual(
            (rule.alert_type, rule.compared, rule.condition, rule.threshold),
            ("threshold_breach", "achievement", "below", 80.0),
        )
        dialog = Form(rule, "kpi_tracking_alert.kpi_smart_alert_view_form_quick")
        for watched_for, values in (
            ("not_on_target", {"threshold": 95.0}),
            ("likely_miss", {"alert_type": "target_risk"}),
            ("unusual", {"alert_type": "anomaly_detected"}),
            ("no_value", {"alert_type": "threshold_breach", "condition": "no_data"}),
        ):
            with self.subTest(watched_for):
                dialog.watched_for = watched_for
                dialog.save()
                self.assertEqual({name: rule[name] for name in values}, values)
                self.assertEqual(rule.watched_for, watched_for)

    def test_limits_are_those_of_the_zones(self):
        self.assertEqual(self.revenue._get_status_limits(), [95.0, 80.0])
        self.revenue.target_ids.write(
            {
                "zones": "five",
                **{f"threshold_{n}": 90 - 10 * n for n in range(1, 5)},
            }
        )
        # on track from the second of five bands on, at risk from the third
        self.assertEqual(self.revenue._get_status_limits(), [70.0, 60.0])
        self.assertEqual(self.env["kpi.report"]._get_status_limits(), [95.0, 80.0])

    def test_any_other_condition_is_left_as_it_is(self):
        rule = self._rule(self.revenue)
        self.assertEqual((rule.compared, rule.watched_for), ("target", "own"))
        rule.watched_for = "own"
        self.assertEqual((rule.compared, rule.threshold), ("target", 0.9))

    def test_running_periods_are_looked_at_where_a_status_is_watched(self):
        dialog = self._open(self.user)
        dialog.looks_at = "running"
        rule = dialog.save()
        self.assertTrue(rule.judge_running)
        dialog = self._open(self.user)
        dialog.looks_at = "running"
        dialog.watched_for = "unusual"
        self.assertFalse(dialog.save().judge_running)

    def test_officers_have_the_responsible_person_notified(self):
        dialog = self._open(self.officer)
        dialog.notified = "responsible"
        rule = dialog.save()
        self.assertFalse(rule.is_personal)
        self.assertTrue(rule.tell_responsible)

    def test_it_shows_in_which_periods_it_would_have_alerted(self):
        """Values of January (120 of 100) and February (90): 12 months end in March."""
        dialog = self._open(self.user)
        self.assertEqual(self._states(dialog), [*[NONE] * 9, QUIET, QUIET, NONE])
        self.assertEqual(dialog.trial["count"], 0)
        self.assertFalse(dialog.trial["is_sent_now"])
        self.assertEqual(dialog.trial["periods"][0]["label"], "Apr 2025")
        dialog.watched_for = "not_on_target"
        self.assertEqual(self._states(dialog), [*[NONE] * 9, QUIET, ALERT, NONE])
        self.assertEqual(dialog.trial["count"], 1)
        self.assertTrue(dialog.trial["is_sent_now"], "February is the last closed one")

    def test_it_says_the_same_as_the_test_of_a_stored_rule(self):
        rule = self._open(self.user).save()
        rule.watched_for = "not_on_target"
        # on its first day April had closed, without a value
        found = rule.replay("2025-05-01", "2026-03-11")
        self.assertEqual(rule.trial["count"], found["alert_count"])

    def test_months_before_the_first_target_alert_nobody(self):
        values = {"2025-12": 1, "2026-01": 1, "2026-02": 1, "2026-03": 40}
        visits = self._entered("Visits", values)
        action = self._as(self.officer, visits).action_set_target()
        context = {**action["context"], "default_value": 100.0}
        targets = self._as(self.officer, self.env["kpi.target"])
        Form(targets.with_context(**context), action["views"][0][0]).save()
        dialog = self._open(self.officer, visits)
        self.assertEqual(dialog.watched_for, "off_target")
        self.assertEqual(self._states(dialog), [*[NONE] * 11, QUIET])
        self.assertIn("The target starts in Mar 2026", dialog.trial["reason"])
        self.assertFalse(dialog.trial["is_sent_now"])
        rule = dialog.save()
        rule.action_turn_on_and_close()
        self.env["kpi.smart.alert"]._sweep_marks()
        self.assertFalse(rule.event_ids)

    def test_the_running_period_alerts_where_it_is_looked_at(self):
        visits = self._entered("Visits", {"2026-02": 100, "2026-03": 1})
        visits.target_ids = [Command.create({"value": 100, "date_from": "2026-02-01"})]
        dialog = self._open(self.officer, visits)
        self.assertEqual(self._states(dialog)[-2:], [QUIET, QUIET])
        dialog.looks_at = "running"
        self.assertEqual(self._states(dialog)[-2:], [QUIET, ALERT])
        self.assertEqual(dialog.trial["count"], 1)
        self.assertTrue(dialog.trial["is_sent_now"])

    def test_a_kpi_without_a_target_says_so(self):
        visits = self._entered("Visits", {"2026-02": 5})
        dialog = self._open(self.officer, visits)
        self.assertEqual(dialog.watched_for, "unusual")
        dialog.watched_for = "off_target"
        self.assertEqual({*self._states(dialog)}, {NONE})
        self.assertEqual(dialog.trial["reason"], "The KPI has no target.")

    def test_a_missing_value_is_an_alert_of_its_period(self):
        visits = self._entered("Visits", {"2025-12": 5, "2026-02": 5})
        dialog = self._open(self.officer, visits)
        dialog.watched_for = "no_value"
        known = dict(zip(range(12), self._states(dialog), strict=True))
        self.assertEqual((known[8], known[10]), (QUIET, QUIET))  # Dec and Feb

    def test_later_changes_of_values_have_no_squares(self):
        rule = self._open(self.user).save()
        rule.alert_type = "restated"
        self.assertFalse(rule.trial)
        rule.write({"alert_type": "anomaly_detected"})
        self.assertEqual(len(rule.trial["periods"]), 12)

    def test_a_channel_that_cannot_deliver_is_named_at_once(self):
        dialog = self._open(self.user)
        self.assertFalse(dialog.channel_fault)
        dialog.notification_channels = "slack"
        self.assertIn("Slack is not set up", dialog.channel_fault)
        with self.assertRaises(ValidationError):
            dialog.save()
        settings = self.env["ir.config_parameter"].sudo()
        settings.set_param("mail.web_push_vapid_public_key", "key")
        dialog = self._open(self.user)
        dialog.notification_channels = "push"
        self.assertIn("have not allowed notifications yet", dialog.channel_fault)
        rule = dialog.save()
        with self.assertRaises(UserError):
            rule.action_turn_on_and_close()
        self.assertEqual(rule.state, "draft")

    def test_a_test_message_goes_to_whoever_asks_for_it(self):
        rule = self._open(self.user).save()
        rule.action_send_test()
        about = [("subject", "like", "Test alert"), ("user_id", "=", self.user.id)]
        sent = self.env["kpi.delivery"].search(about)
        self.assertEqual(sent.channel, "email")
        rule.notification_channels = "inbox"
        notice = rule.action_send_test()
        self.assertIn("under the bell", notice["params"]["message"])
        self.assertEqual(self.env["kpi.delivery"].search(about), sent)
        self.user.email = False
        rule.notification_channels = "email"
        with self.assertRaisesRegex(UserError, "Not sent"):
            rule.action_send_test()

    def test_the_first_alert_is_about_a_kpi_with_a_target(self):
        opened = self._as(self.officer, self.env["kpi.report"]).action_alert_first()
        report = self.env["kpi.report"].browse(opened["context"]["default_report_ids"])
        self.assertTrue(report.target_ids)
        self.assertEqual(report.company_id, self.company)
        self.env["kpi.report"].search([]).active = False
        opened = self._as(self.officer, self.env["kpi.report"]).action_alert_first()
        self.assertEqual(opened["res_model"], "kpi.report")

    def test_the_first_alert_is_done_by_ones_own_rule(self):
        company = self._create_company("Fresh")
        self.officer.company_ids |= company
        own = self.env["kpi.report"].with_user(self.officer)
        own = own.with_context(allowed_company_ids=company.ids)
        self.env["kpi.smart.alert"].search([("company_id", "=", False)]).unlink()

        def is_done():
            return "alerts" in own._find_done_steps()

        self.assertFalse(is_done())
        kpi = self.env["kpi.definition"].create(
            {"name": "Fresh", "company_id": company.id}
        )
        report = kpi._track_for("company", company, company.id)
        values = {"report_ids": report.ids, "company_id": company.id}
        rules = own.env["kpi.smart.alert"]
        rule = rules.create({**values, "is_personal": True})
        self.assertFalse(is_done())
        rule.action_turn_on()
        self.assertTrue(is_done())

    def test_the_first_period_of_a_kpi_is_the_first_square(self):
        daily = self._entered("Daily", {}, frequency="day")
        dialog = self._open(self.officer, daily)
        labels = [each["label"] for each in dialog.trial["periods"]]
        self.assertEqual(len(labels), 12)
        calendar = daily.definition_id.calendar_id
        today = calendar._period("day", date(2026, 3, 11))
        self.assertEqual(labels[-1], calendar._period_label(today))
