from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.misc import ReadonlyDict
from odoo.tools.translate import code_translations

from .benefit_case import BenefitCase


@tagged("post_install", "-at_install")
class TestKpiInitiativeCost(BenefitCase):
    """What initiatives cost, and what that is worth in the first year."""

    def _with_costs(self, *rows, **values):
        commands = [
            Command.create({"period_start": day, **amounts}) for day, amounts in rows
        ]
        return self._make(cost_ids=commands, **values)

    def test_what_is_missing_is_not_zero(self):
        initiative = self._with_costs(
            ("2026-01-01", {"planned": 10, "forecast": 0}),
            ("2026-02-01", {"planned": 5.5}),
        )
        self.assertEqual(initiative.planned_cost, 15.5)
        self.assertEqual(initiative.forecast_cost, 0)
        self.assertIsNot(initiative.forecast_cost, False)
        self.assertIs(initiative.entered_cost, False)
        self.assertIs(initiative.actual_cost, False)

    def test_a_period_has_one_row(self):
        for day in ("2026-01-01", False):
            with (
                self.subTest(day),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self._with_costs((day, {"planned": 1}), (day, {"planned": 2}))

    def test_costs_of_later_years_are_discounted(self):
        """100 · (1 + 1/1.035 + 1/1.035²): 100 · (1 + 0.966184 + 0.933511)."""
        initiative = self._with_costs(
            ("2026-03-01", {"planned": 60, "forecast": 1035}),
            (False, {"planned": 40}),
            ("2027-01-01", {"planned": 100}),
            ("2028-12-01", {"planned": 100}),
        )
        self.assertAlmostEqual(initiative.planned_present_cost, 289.97, 2)
        self.assertAlmostEqual(initiative.forecast_present_cost, 1035)
        self.assertIn("Discounted to 2026", initiative.appraisal_note)
        self.assertIn("3.5", initiative.appraisal_note)

    def test_rates_of_the_day_of_approval_hold(self):
        self.env["kpi.discount.rate"].create(
            {
                "valid_from": "2026-01-01",
                "first_year": 1,
                "rate": 0.25,
                "source": "Our own",
                "company_id": self.company.id,
            }
        )
        initiative = self._with_costs(
            ("2026-01-01", {"planned": 0}), ("2027-01-01", {"planned": 125})
        )
        self.assertAlmostEqual(initiative.planned_present_cost, 100)
        initiative.approved_on = "2025-06-01"
        self.assertAlmostEqual(initiative.planned_present_cost, 120.77, 2)

    def test_rates_with_a_gap_say_so(self):
        self.env["kpi.discount.rate"].create(
            {
                "valid_from": "2026-01-01",
                "first_year": 2,
                "rate": 0.05,
                "source": "Our own",
                "company_id": self.company.id,
            }
        )
        initiative = self._with_costs(("2026-01-01", {"planned": 1}))
        self.assertIs(initiative.planned_present_cost, False)
        self.assertIn("no discount rate for year 1", initiative.appraisal_note)
        self.env["res.lang"].sudo()._activate_lang("de_DE")
        words = {"There is no discount rate for year 1. Add one.": "Satz fehlt."}
        texts = code_translations.python_translations
        german = {("kpi_benefits", "de_DE"): ReadonlyDict(words)}
        self.patch(code_translations, "python_translations", texts | german)
        translated = initiative.with_context(lang="de_DE")
        self.assertEqual(translated.appraisal_note, "Satz fehlt.")

    def test_amounts_beyond_sense_are_refused(self):
        for amount in (1.1e12, 1e307, 1e308, "1e300", "-1e13"):
            for name in ("planned", "forecast", "actual"):
                with self.subTest(amount), self.assertRaises(ValidationError):
                    with self.cr.savepoint():
                        self._with_costs((False, {name: amount}))

    def test_rates_are_found_by_one_search(self):
        def read(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.mapped("planned_present_cost")
            return self.cr.sql_log_count - before

        some = self.env["kpi.initiative"].concat(
            *(self._with_costs((False, {"planned": 1})) for _place in range(6))
        )
        read(some)
        self.assertEqual(read(some[:2]), read(some))

    def test_bookings_of_the_project_come_before_what_was_entered(self):
        plan = self.env["account.analytic.plan"].search([], limit=1)
        account = self.env["account.analytic.account"].create(
            {"name": "Capture", "plan_id": plan.id, "company_id": False}
        )
        project = self.env["project.project"].create(
            {"name": "Capture", "company_id": self.company.id}
        )
        initiative = self._with_costs(
            ("2026-01-01", {"actual": 7}), project_id=project.id
        )
        own = self._as(self.olga, initiative)
        self.assertEqual((own.actual_cost, own.is_actual_cost_booked), (7, False))
        project.account_id = account
        self.assertEqual(own.actual_cost, 7)
        self.env["account.analytic.line"].create(
            [
                {
                    "name": "Work",
                    "account_id": account.id,
                    "amount": amount,
                    "company_id": company.id,
                }
                for company, amount in (
                    (self.company, -100),
                    (self.company, -20.5),
                    (self.env.company, -7),
                    (self.company, 900),
                )
            ]
        )
        # Invoicing alone makes lines of this category.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_analytic_line SET category = 'invoice'"
            " WHERE account_id = %s AND amount = 900",
            (account.id,),
        )
        self.env.invalidate_all()
        self.assertEqual((own.actual_cost, own.is_actual_cost_booked), (120.5, True))
