from psycopg2 import IntegrityError

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

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
        self.assertIn("In money of 2026", initiative.appraisal_note)
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

    def test_bookings_of_the_project_come_before_what_was_entered(self):
        plan = self.env["account.analytic.plan"].search([], limit=1)
        account = self.env["account.analytic.account"].create(
            {"name": "Capture", "plan_id": plan.id, "company_id": self.company.id}
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
                    "company_id": self.company.id,
                }
                for amount in (-100, -20.5)
            ]
        )
        self.env.invalidate_all()
        self.assertEqual((own.actual_cost, own.is_actual_cost_booked), (120.5, True))
