from odoo.tests import tagged

from .alert_case import AlertCase


@tagged("post_install", "-at_install")
class TestKpiSmartAlertWords(AlertCase):
    """A rule says in a sentence what it does."""

    def _assert_said(self, expected, **values):
        rules = self._as(self.officer, self.env["kpi.smart.alert"])
        rule = rules.new(
            {
                "alert_type": "threshold_breach",
                "applies_to": "kpi",
                "compared": "target",
                "condition": "below",
                "notification_channels": "email",
                "periods": 1,
                "no_data_days": 5,
                "chance_below": 50.0,
                "restated_percent": 5.0,
                "owner_id": self.officer.id,
                "report_ids": [(6, 0, self.revenue.ids)],
                "threshold": 0.9,
                "tell_responsible": True,
                **values,
            }
        )
        said = rule.summary.replace("\u202f", " ")
        self.assertEqual(said, expected.replace("KPI", self.revenue.name, 1))

    def test_sentences(self):
        cases = [
            (
                "When KPI is below 90% of target, notify the KPI's responsible by "
                "email.",
                {},
            ),
            (
                "When KPI is below 87.5% of target for 2 months in a row, notify"
                " the KPI's responsible by SMS.",
                {"threshold": 0.875, "periods": 2, "notification_channels": "sms"},
            ),
            (
                "When the achievement of KPI is below 90%, show me an alert.",
                {
                    "compared": "achievement",
                    "threshold": 90.0,
                    "is_personal": True,
                    "notification_channels": "inbox",
                },
            ),
            (
                "When the change in KPI vs last year is outside the range -5% to 5%, "
                "notify the KPI's responsible on Slack.",
                {
                    "compared": "last_year",
                    "condition": "outside",
                    "threshold": -5.0,
                    "threshold_high": 5.0,
                    "notification_channels": "slack",
                },
            ),
            (
                "When KPI has no value 5 working days after a period ends, notify "
                "the KPI's responsible by email.",
                {"condition": "no_data"},
            ),
            (
                "When KPI is unusual, notify no one by email.",
                {"alert_type": "anomaly_detected", "tell_responsible": False},
            ),
            (
                "When KPI has a chance below 50% of reaching its target, notify the "
                "KPI's responsible by email.",
                {"alert_type": "target_risk"},
            ),
            (
                "When KPI changes by over 5% in a closed period, notify the KPI's "
                "responsible by email.",
                {"alert_type": "restated"},
            ),
        ]
        for expected, values in cases:
            with self.subTest(expected=expected):
                self._assert_said(expected, **values)

    def test_a_value_has_the_unit_of_its_kpi(self):
        self.revenue.definition_id.write({"unit": "percent"})
        self._assert_said(
            "When KPI is above 12.5%, notify the KPI's responsible by email.",
            compared="value",
            condition="above",
            threshold=12.5,
        )

    def test_every_type_and_scope_has_words(self):
        rules = self.env["kpi.smart.alert"]
        for name in ("alert_type", "applies_to", "compared", "condition"):
            for value in rules._fields[name].get_values(self.env):
                with self.subTest(name=name, value=value):
                    given = rules._add_missing_default_values({name: value})
                    rule = rules.new(given)
                    self.assertTrue(rule.summary.endswith("."), rule.summary)

    def test_a_name_follows_unless_a_person_has_typed_it(self):
        own = self._as(self.officer, self.env["kpi.smart.alert"])
        values = {"company_id": self.company.id, "report_ids": self.revenue.ids}
        rule, named = own.create(
            [{**values, "threshold": 0.9}, {**values, "name": "Mine", "threshold": 0.9}]
        )
        (rule | named).threshold = 0.8
        name = f"{self.revenue.name} is below 80% of target"
        self.assertEqual((rule.name, named.name), (name, "Mine"))
        rule.report_ids = self.complaints
        self.assertTrue(rule.name.startswith(self.complaints.name))
        rule.name = "My complaints"
        rule.threshold = 0.7
        self.assertEqual(rule.name, "My complaints")

    def test_a_rule_without_a_name_is_named_by_what_it_says(self):
        rule = self._rule(self.revenue, name=False)
        name = rule.name.replace("\u202f", " ")
        self.assertEqual(name, f"{self.revenue.name} is below 90% of target")
