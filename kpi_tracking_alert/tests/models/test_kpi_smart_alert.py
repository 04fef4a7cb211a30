from lxml import etree
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .alert_case import AlertCase


@tagged("post_install", "-at_install")
class TestKpiSmartAlert(AlertCase):
    """What a rule may say, and what it watches."""

    def test_the_alerts_of_a_rule_are_called_by_it(self):
        rule = self._rule(self.revenue, name="Low")
        self.assertEqual(rule.action_open_events()["display_name"], "Alerts of Low")

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
            "not a finite number": {"threshold": 10**400},
            "needs an upper": {"condition": "outside"},
            "exceed the lower": {"condition": "outside", "threshold_high": 0.5},
            "cannot be below": {"condition": "below", "clear_threshold": 0.8},
            "cannot be above": {"condition": "above", "clear_threshold": 1.0},
            "must be 1 to": {"periods": 0},
            "“Periods in a Row” must be 1 to 24": {"periods": 10**9},
            "Periods in a Row: this number is too": {"periods": 10**12},
            "“Minimum Values” must be 0 to": {"least_facts": -5},
            "“Minimum Records” cannot be negative": {"least_weight": -5.0},
            "“Cooldown .Minutes.” must be": {"alert_cooldown_minutes": -1},
            "Cooldown .Minutes.: this number is": {"alert_cooldown_minutes": 10**12},
            "“Remind After .Hours.” must be": {"remind_after_hours": -1},
            "“Remind After .Hours.” must be 0 to": {"remind_after_hours": 10**9},
            "Within .Hours.: this number is too": {"flapping_hours": 10**12},
            "After .Minutes.”: enter 1 to 43200": {
                "level_ids": [Command.create({"after_minutes": 0})]
            },
            "After .Minutes.: this number is too large": {
                "level_ids": [Command.create({"after_minutes": 10**12})]
            },
            "Threshold: this is not a finite number": {"threshold": float("inf")},
            "Clear At: this is not a finite": {"clear_threshold": float("-inf")},
            "running periods can only": {"judge_running": True},
            "choose .* to watch": {"report_ids": [(5,)]},
            "belongs to North": {"company_id": self._create_company("West").id},
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

    def test_a_name_is_one_line_of_200_characters(self):
        rule = self._rule(self.revenue, name="Below\r\ntarget\nagain")
        self.assertEqual(rule.name, "Below target again")
        rule.name = "Above\rtarget"
        self.assertEqual(rule.name, "Above target")
        rule.name = "x" * 200
        with self.assertRaisesRegex(ValidationError, "200 characters at most"):
            rule.name = "x" * 201
        self.revenue.definition_id.name = "y" * 300
        self.assertLessEqual(len(self._rule(self.revenue, name=False).name), 200)

    def test_who_may_see_none_of_its_kpis_is_named(self):
        told = [Command.set((self.user | self.manager).ids)]
        rule = self._rule(self.revenue, user_ids=told)
        self.revenue.shared_user_ids = self.manager
        rule.invalidate_recordset()
        hint = self._as(self.officer, rule).blind_users_hint
        self.assertTrue(hint.endswith("cannot see any of these KPIs: user"), hint)
        self.revenue.shared_user_ids = self.manager | self.user
        rule.invalidate_recordset()
        self.assertFalse(rule.blind_users_hint)

    def test_a_new_rule_is_turned_on_before_it_is_saved(self):
        arch = self.env["kpi.smart.alert"].get_view(view_type="form")["arch"]
        button = etree.fromstring(arch).find(".//button[@name='action_turn_on']")
        self.assertEqual(button.get("invisible"), "state == 'on'")

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
        rule._fail("The threshold must be a number.")
        rule.active = False
        self.assertEqual(rule.state, "draft")

    def test_the_same_level_twice(self):
        level = {"after_minutes": 30, "whom": "manager"}
        rule = self._rule(self.revenue, level_ids=[Command.create(level)])
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            rule.level_ids = [Command.create(level)]
        levels = rule.level_ids
        rule.level_ids = [Command.clear(), Command.create(level)]
        self.assertNotEqual(rule.level_ids, levels)

    def test_an_import_names_what_is_wrong(self):
        """As a file that somebody loads: one row, one reason, nothing stored."""
        columns = ["name", "report_ids/.id", "threshold", "alert_cooldown_minutes"]
        columns += ["level_ids/after_minutes", "level_ids/whom"]
        row = ["Loaded", str(self.revenue.id), "0.9", "60", "30", "manager"]
        rules = self._as(self.officer, self.env["kpi.smart.alert"])
        for place, text, reason in (
            (2, "inf", "not a finite number"),
            (3, "-1", "“Cooldown (Minutes)” must be 0 to"),
            (3, "1000000000000", "Cooldown (Minutes): this number is too large"),
            (4, "1000000000000", "After (Minutes): this number is too large"),
            (4, "0", "“After (Minutes)”: enter 1 to 43200"),
        ):
            with self.subTest(text=text, column=columns[place]):
                given = [*row[:place], text, *row[place + 1 :]]
                result = rules.load(columns, [given])
                self.assertFalse(result["ids"])
                self.assertIn(reason, result["messages"][0]["message"])
        self.assertTrue(rules.load(columns, [row])["ids"])
