from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .version_case import KpiVersionCase


@tagged("post_install", "-at_install")
class TestKpiUsage(KpiVersionCase):
    """What uses a KPI is known before it changes or goes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={"allowed_company_ids": cls.company.ids})
        groups = "base.group_user,kpi_base.kpi_base_group_"
        cls.officer = cls._create_user("kpi.officer", groups=f"{groups}officer")
        cls.employee = cls._create_user("kpi.employee", groups=f"{groups}user")

    def _names(self, definition):
        return {
            each["label"]: [item["name"] for item in each["items"]]
            for each in definition.get_uses()
        }

    def _scorecard(self, name, *reports):
        lines = [Command.create({"report_id": report.id}) for report in reports]
        values = {"name": name, "company_id": self.company.id, "line_ids": lines}
        return self.env["kpi.report.group"].create(values)

    def _used(self):
        """A KPI that everything uses, and the other parts of that."""
        hours = self._hours()
        report = self._tracked(hours)
        self._formula("hours * 2", "Rate")
        self._formula("rate + 1", "Top")
        budget, _report = self._formula("1", "Plan")
        self.env["kpi.target"].create(
            {
                "report_id": budget.report_ids.id,
                "date_from": "2023-01-01",
                "rule": "kpi",
                "source_definition_id": hours.id,
            }
        )
        group = self._scorecard("Scorecard", report)
        tables = self.env["kpi.period.report"].create(
            [
                {"name": "By Name", "report_ids": report.ids},
                {"name": "By Scorecard", "group_ids": group.ids},
            ]
        )
        self.env["kpi.tracking.rule"].create(
            {
                "name": "All people",
                "definition_ids": hours.ids,
                "scope_type": "user",
                "domain": "[]",
            }
        )
        return hours, report, group, tables

    def test_all_that_uses_it_is_listed(self):
        hours, *_rest = self._used()
        names = self._names(hours)
        self.assertEqual(sorted(names["Formulas"]), ["Rate", "Top"])
        self.assertEqual(len(names["Targets"]), 1)
        self.assertIn("Plan", names["Targets"][0])
        self.assertEqual(names["Scorecards"], ["Scorecard"])
        self.assertEqual(sorted(names["Tables"]), ["By Name", "By Scorecard"])
        self.assertEqual(len(names["Tracking Rules"]), 1)
        self.assertEqual(self._names(self._hours("Unused")), {})

    def test_a_formula_that_used_it_once_uses_it(self):
        hours = self._hours()
        self._tracked(hours)
        self._tracked(self._hours("Other"))
        rate, _report = self._formula("hours * 2")
        rate._change({"formula": "other * 2"}, date(2023, 4, 1))
        self.assertEqual(self._names(hours)["Formulas"], ["Rate"])

    def test_what_one_may_not_see_is_only_counted(self):
        hours, *_rest = self._used()
        found = {
            each["label"]: each for each in hours.with_user(self.employee).get_uses()
        }
        self.assertEqual(found["Targets"]["items"], [])
        self.assertEqual(found["Targets"]["hidden_count"], 1)
        self.assertEqual(found["Targets"]["count"], 1)
        self.assertEqual(found["Tables"]["hidden_count"], 2)

    def test_another_companys_uses_are_only_counted(self):
        shared = self._hours(company_id=False)
        other = self._create_company("South")
        self._definition(
            "Abroad", company_id=other.id, computation="formula", formula="hours"
        )
        (formulas,) = shared.with_user(self.officer).get_uses()
        self.assertEqual((formulas["items"], formulas["hidden_count"]), ([], 1))

    def test_the_number_of_statements_does_not_grow(self):
        hours, *_rest = self._used()
        self.env.flush_all()
        hours.with_user(self.officer).get_uses()  # rules of the reader are known then

        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            hours.with_user(self.officer).get_uses()
            return self.env.cr.sql_log_count - before

        few = count()
        for number in range(20):
            self._scorecard(f"Scorecard {number}", hours.report_ids)
        self.env.flush_all()
        self.assertLessEqual(count(), few)

    def test_what_shows_it_moves_to_the_kpi_that_replaces_it(self):
        hours, report, group, tables = self._used()
        other = self._hours("Better hours")
        with self.assertRaisesRegex(UserError, "Choose a replacement KPI"):
            hours.action_move_uses()
        hours.replaced_by_id = other
        said = hours.action_move_uses()["params"]["message"]
        twin = other.report_ids.filtered(lambda each: each.scope_type == "company")
        self.assertEqual(group.line_ids.report_id, twin)
        self.assertEqual(tables[0].report_ids, twin)
        self.assertIn("Scorecards: Scorecard", said)
        self.assertIn("Still used by", said)
        self.assertIn("Formulas: Rate, Top", said)
        self.assertNotIn("Scorecards", self._names(hours))
        self.assertEqual(report.definition_id, hours, "its values stay")

    def test_another_unit_replaces_nothing(self):
        hours, other = (
            self._hours(),
            self._hours("Better hours", unit="custom", unit_symbol="h"),
        )
        with self.assertRaisesRegex(
            ValidationError, "cannot replace Hours because its unit differs"
        ):
            hours.replaced_by_id = other

    def test_a_scorecard_that_has_both_keeps_one(self):
        hours, other = self._hours(), self._hours("Better hours")
        group = self._scorecard("Both", self._track(hours), self._track(other))
        hours.replaced_by_id = other
        hours.action_move_uses()
        self.assertEqual(group.line_ids.report_id, other.report_ids)

    def test_employees_move_nothing(self):
        hours, *_rest = self._used()
        hours.replaced_by_id = self._hours("Better hours")
        with self.assertRaises(AccessError):
            hours.with_user(self.employee).action_move_uses()

    def test_kpis_that_nobody_looks_at_are_found(self):
        hours, other = self._hours(), self._hours("Other")
        report = self._track(hours)
        kpis = self.env["kpi.definition"]
        unseen = [
            ("last_viewed_on", "<", "2023-06-01"),
            ("id", "in", (hours | other).ids),
        ]
        self.assertEqual(kpis.search(unseen), hours | other)
        self.assertFalse(hours.last_viewed_on)
        report.with_user(self.officer).count_view()
        self.assertEqual(hours.last_viewed_on, date(2023, 6, 15))
        self.assertEqual(kpis.search(unseen), other)
        seen = [
            ("last_viewed_on", ">=", "2023-06-15"),
            ("id", "in", (hours | other).ids),
        ]
        self.assertEqual(kpis.search(seen), hours)
        with self._at("2023-09-20 12:00:00"):
            self.assertEqual(
                kpis.search([("last_viewed_on", "<", "2023-06-22"), seen[1]]),
                hours | other,
            )
        with self.assertRaises(AccessError):
            report.with_user(self.employee).count_view()

    def test_who_uninstalls_an_app_is_told_what_loses_its_records(self):
        self._definition(
            "Contacts",
            model_name="res.partner",
            date_field="create_date",
            company_field="company_id",
            user_field="user_id",
        )
        self._formula("contacts * 2", "Twice")
        wizard = self.env["base.module.uninstall"].new({})
        wizard.model_ids = self.env["ir.model"]._get("res.partner")
        self.assertIn("will get no new values: Contacts", wizard.kpi_notice)
        self.assertIn("Formulas: Twice", wizard.kpi_notice)
        wizard.model_ids = self.env["ir.model"]._get("res.bank")
        self.assertFalse(wizard.kpi_notice)

    def test_it_says_who_sees_a_kpi_and_why(self):
        report = self._track(self._hours(), self.employee)
        report = report.with_user(self.officer)
        people = {each["id"]: each["sees"] for each in report.get_readers()["people"]}
        self.assertTrue(people[self.employee.id])
        stranger = self._create_user(
            "kpi.stranger", groups="base.group_user,kpi_base.kpi_base_group_user"
        )
        people = {each["id"]: each["sees"] for each in report.get_readers()["people"]}
        self.assertFalse(people[stranger.id])
        found = report.get_reading_rules(stranger.id)
        self.assertFalse(found["sees"])
        rules = {each["name"]: each for each in found["rules"]}
        self.assertTrue(rules["the user's companies"]["passes"])
        self.assertTrue(rules["own and shared"]["applies"])
        self.assertFalse(rules["own and shared"]["passes"])
        self.assertFalse(rules["all"]["applies"])
        self.assertTrue(rules["all"]["passes"], "as an officer they would see it")
        outsider = self._create_user("kpi.outsider")
        first = report.get_reading_rules(outsider.id)["rules"][0]
        self.assertFalse(first["passes"], "they may not open KPIs at all")

    def test_the_responsible_may_ask_who_sees_it_and_others_not(self):
        report = self._track(self._hours())
        with self.assertRaises(AccessError):
            report.with_user(self.employee).get_readers()
        report.owner_id = self.employee
        self.assertTrue(report.with_user(self.employee).get_readers()["people"])
        shared = self._create_user(
            "kpi.shared", groups="base.group_user,kpi_base.kpi_base_group_user"
        )
        report.shared_user_ids = shared
        with self.assertRaisesRegex(AccessError, "Only KPI officers and the"):
            report.with_user(shared).get_reading_rules(self.employee.id)
