from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.tests.common import ClockMixin

from .benefit_case import BenefitCase

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


@tagged("post_install", "-at_install")
@freeze_time("2026-05-15 12:00:00")
class TestKpiBenefitAnalysis(ClockMixin, BenefitCase):
    """The KPIs of the theme “Benefits”, against what a hand counts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.definition"].search([]).active = False
        cls.env.user.company_ids = [Command.link(cls.company.id)]
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )
        cls.theme = cls.env.ref("kpi_benefits.kpi_gallery_set_benefits")
        cls.theme.kpi_ids._turn_on()

    def setUp(self):
        super().setUp()
        self.other = self.env["hr.department"].create(
            {"name": "Other", "company_id": self.company.id}
        )
        self.first = self._benefit()  # 1,000 from January to June
        self.second = self._benefit(
            self._make(name="Elsewhere", department_id=self.other.id), amount=500
        )
        for period, amount in zip(
            self.first.period_ids, (900, 1000, 1100), strict=False
        ):
            period.realized = amount
        self.second.period_ids[2].realized = 100

    def _make(self, **values):
        return super()._make(**{"approved_on": "2026-01-01", **values})

    def _compute(self):
        self.env["kpi.source"]._recompute_all(date(2026, 1, 1), date(2026, 5, 15))

    def _report(self, code, department=None):
        definition = self.env["kpi.definition"].search([("code", "=", code)])
        if department:
            return definition._track_for("department", department, self.company.id)
        return definition.report_ids.filtered(
            lambda report: report.scope_type == "company"
        )

    def _value(self, code, day, department=None):
        facts = self.env["kpi.measurement"].search(
            [
                ("report_id", "=", self._report(code, department).id),
                ("grain", "=", "month"),
                ("period_start", "=", day),
            ]
        )
        return facts.value if facts else None

    def test_the_gallery_counts_benefits(self):
        counted = {kpi._get_counted_model() for kpi in self.theme.kpi_ids}
        self.assertEqual(counted, {"kpi.benefit.realization"})

    def test_values_of_the_company(self):
        self._compute()
        for code, day, value in (
            ("benefit_planned", MARCH, 1500),
            ("benefit_planned", MAY, 1500),
            ("benefit_realized", MARCH, 1200),
            ("benefit_realized", APRIL, None),
            # 900 + 1,000 + 1,100 + 100 of 3 × 1,500, then of 4 ×
            ("benefit_realization_rate", MARCH, 100 * 3100 / 4500),
            ("benefit_realization_rate", APRIL, 100 * 3100 / 6000),
            # May is not over.
            ("benefit_realization_rate", MAY, 100 * 3100 / 6000),
            ("benefit_at_risk", APRIL, None),
            ("benefit_at_risk", MAY, 0),
        ):
            with self.subTest(code=code, day=day):
                found = self._value(code, day)
                if value is None:
                    self.assertIsNone(found)
                else:
                    self.assertAlmostEqual(found, value, 6)

    def test_a_disbenefit_nobody_reports_counts_as_planned(self):
        self._benefit(self.first.initiative_id, amount=-300)
        self._compute()
        rate = self._value("benefit_realization_rate", APRIL)
        self.assertAlmostEqual(rate, 100 * (3100 - 1200) / (6000 - 1200), 6)
        self.assertEqual(self._value("benefit_realized", MARCH), 1200)

    def test_values_of_a_department(self):
        for code in ("benefit_planned", "benefit_realization_rate"):
            self._report(code, self.other)
        self._compute()
        self.assertEqual(self._value("benefit_planned", MARCH, self.other), 500)
        rate = self._value("benefit_realization_rate", MARCH, self.other)
        self.assertAlmostEqual(rate, 100 * 100 / 1500, 6)

    def test_a_department_that_moves_takes_its_benefits_along(self):
        self._report("benefit_planned", self.department)
        self._report("benefit_at_risk", self.department)
        self.second.action_confirm_status()
        self._compute()
        self.assertEqual(self._value("benefit_planned", MARCH, self.department), 1000)
        self.other.parent_id = self.department
        self._compute()
        self.assertEqual(self._value("benefit_planned", MARCH, self.department), 1500)
        self.assertEqual(self._value("benefit_at_risk", MAY, self.department), 1)

    def test_changes_are_noticed(self):
        self._compute()
        self.first.action_confirm_status()
        self.second.action_confirm_status()
        self.second.period_ids[2].realized = 300
        self._compute()
        self.assertEqual(self._value("benefit_at_risk", MAY), 2)
        self.assertEqual(self._value("benefit_realized", MARCH), 1400)
        self.second.active = False
        self._compute()
        self.assertEqual(self._value("benefit_at_risk", MAY), 1)
        self.assertEqual(self._value("benefit_planned", MARCH), 1000)

    def test_leakages_are_counted_while_they_are_open(self):
        self._report("leakage_open", self.other)
        self._report("leakage_open", self.department)
        leakage = self.env["kpi.value.leakage"].create(
            {
                "name": "Old tools",
                "benefit_id": self.first.id,
                "severity": "critical",
                "estimated_impact": 500,
            }
        )
        self._compute()
        for code in ("leakage_open", "leakage_critical"):
            self.assertEqual(self._value(code, MAY), 1)
            self.assertIsNone(self._value(code, APRIL), "nobody counted then")
        self.assertEqual(self._value("leakage_open", MAY, self.department), 1)
        self.assertEqual(self._value("leakage_open", MAY, self.other), 0)
        leakage.severity = "low"
        self._compute()
        self.assertEqual(self._value("leakage_open", MAY), 1)
        self.assertEqual(self._value("leakage_critical", MAY), 0)
        leakage.write({"acceptance_reason": "Too small", "status": "accepted"})
        self._compute()
        self.assertEqual(self._value("leakage_open", MAY), 0)

    def test_each_value_is_explained(self):
        self._compute()
        for code, words in (
            ("benefit_realization_rate", "4,500"),
            ("benefit_planned", "values entered: 2"),
            ("benefit_at_risk", "confirmed"),
            ("leakage_open", "not yet resolved"),
            ("leakage_critical", "Critical"),
        ):
            report = self._report(code)
            period = report.definition_id.calendar_id._period("month", MARCH)
            explained = self.env["kpi.benefit.analysis"]._explain(report, period)
            with self.subTest(code=code):
                self.assertIn(words, explained["method"])

    def test_rules_come_with_the_kpis_and_tell_owners_in_odoo(self):
        rules = self.env["kpi.smart.alert"].search(
            [("definition_ids.code", "in", self.theme.kpi_ids.mapped("code"))]
        )
        self.assertEqual(
            {rule.name: rule.state for rule in rules},
            {
                "Benefits at Risk": "on",
                "Benefits Below 80% of the Plan": "on",
                "Critical Leakages Are Open": "on",
            },
        )
        self.assertEqual(set(rules.mapped("notification_channels")), {"inbox"})
        self.assertTrue(all(rules.mapped("tell_responsible")))
        self.assertFalse(rules.user_ids)
        rules[0].action_turn_off()
        self.theme.kpi_ids._turn_on()
        self.assertEqual(rules, rules.search([("id", "in", rules.ids)]))
        self.assertEqual(rules[0].state, "draft", "somebody turned it off")

    def test_a_rule_fires(self):
        rule = self.env["kpi.smart.alert"].search(
            [("name", "=", "Benefits Below 80% of the Plan")]
        )
        self._compute()
        self.env["kpi.smart.alert"]._sweep_marks()
        self.assertEqual(
            rule.event_ids.mapped("report_id.code"), rule.definition_ids.mapped("code")
        )

    def test_the_dashboard_shows_them(self):
        ready = self.env["kpi.gallery.dashboard"].search([("name", "=", "Benefits")])
        ready.with_context(lang="en_US").action_install()
        self._compute()
        tiles = ready.dashboard_id.data({})["tiles"]
        self.assertEqual(len(tiles), 8)
        self.assertFalse([tile["title"] for tile in tiles if tile.get("error")])
