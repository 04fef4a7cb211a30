from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .alert_case import AlertCase


@tagged("post_install", "-at_install")
class TestKpiSmartAlert(AlertCase):
    """What a rule may say, and what it watches."""

    def test_configurations_from_outside_load_as_they_stand(self):
        code = self.revenue.definition_id.code
        rule = self.env["kpi.smart.alert"].create(
            {
                "name": "Revenue Below Target",
                "metric": code,
                "condition": "below",
                "threshold": 0.9,
                "severity": "critical",
                "company_id": self.company.id,
            }
        )
        self.assertEqual(rule.compared, "target")
        self.assertEqual(rule.alert_cooldown_minutes, 60)
        self.assertEqual(rule.metric, code)
        watched = self.env["kpi.report"].search(rule._get_watched_domain())
        self.assertEqual(watched, self.revenue)

    def test_an_unknown_metric_is_named(self):
        with self.assertRaisesRegex(ValidationError, "no_such_kpi"):
            self._rule(metric="no_such_kpi")

    def test_thresholds_that_make_no_sense(self):
        cases = {
            "not a finite": {"threshold": float("nan")},
            "needs an upper": {"condition": "outside"},
            "above the lower": {"condition": "outside", "threshold_high": 0.5},
            "not be below": {"condition": "below", "clear_threshold": 0.8},
            "not be above": {"condition": "above", "clear_threshold": 1.0},
            "between 1 and": {"periods": 0},
            "a running period": {"judge_running": True},
            "what to watch": {"report_ids": [(5,)]},
            "is a KPI of North": {"company_id": self._create_company("West").id},
        }
        for reason, values in cases.items():
            with (
                self.subTest(reason=reason),
                self.assertRaisesRegex(ValidationError, reason),
            ):
                self._rule(self.revenue, **values)

    def test_others_make_rules_for_themselves(self):
        self.revenue.shared_user_ids = self.user
        rules = self._as(self.user, self.env["kpi.smart.alert"])
        values = {
            "name": "Mine",
            "report_ids": [(6, 0, self.revenue.ids)],
            "company_id": self.company.id,
        }
        rule = rules.create(values)
        self.assertTrue(rule.is_personal)
        others = [
            ({"is_personal": False}, ValidationError),
            ({"report_ids": [(6, 0, self.complaints.ids)]}, AccessError),
            ({"user_ids": [(6, 0, self.officer.ids)]}, ValidationError),
        ]
        for more, refused in others:
            with self.subTest(more=more), self.assertRaises(refused):
                rules.create({**values, **more})
        for more in ({"is_personal": False}, {"owner_id": self.manager.id}):
            with self.subTest(written=more), self.assertRaises(ValidationError):
                rule.write(more)

    def test_an_archived_rule_is_off(self):
        rule = self._rule(self.revenue)
        event = self._fired(rule, self.revenue)
        rule.action_archive()
        self.assertEqual((rule.state, event.state), ("draft", "resolved"))
        self.assertEqual(event.resolution_note, "The rule was archived.")
        with self.assertRaisesRegex(UserError, "is archived"):
            rule.action_turn_on()
        rule.action_unarchive()
        self.assertEqual(rule.state, "draft")
        rule.action_turn_on()
        rule.active = True
        self.assertEqual(rule.state, "on")

    def test_a_failed_rule_that_is_archived_is_off(self):
        rule = self._rule(self.revenue)
        rule._fail("A threshold is not a finite number.")
        rule.active = False
        self.assertEqual(rule.state, "draft")
