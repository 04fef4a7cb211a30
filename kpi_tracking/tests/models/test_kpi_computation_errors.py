from datetime import date

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.roles import OFFICER, USER

from ..common import MODEL, KpiCase

JANUARY, LAST = date(2023, 1, 1), date(2023, 2, 28)


class ComputationErrorsCase(KpiCase):
    """Two KPIs of one source and one of another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = cls.deals.create(
            [
                {
                    "x_date": JANUARY,
                    "x_closed_date": date(2022, 12, 31),  # and none in January
                    "x_active": True,
                    "x_company_id": cls.company.id,
                    "x_hours": 3.0,
                    "x_weight": 2.0,
                }
                for _number in range(3)
            ]
        )
        cls.count = cls._definition("Count")
        cls.sum = cls._definition("Hours", measure="sum", measure_field="x_hours")
        cls.other = cls._definition("Closed", date_field="x_closed_date")
        cls.count_report, cls.sum_report, cls.other_report = (
            cls._track(definition) for definition in (cls.count, cls.sum, cls.other)
        )

    def _run(self):
        with mute_logger("odoo.sql_db"):
            return self._compute(JANUARY, LAST)

    def _set(self, column, value, where="TRUE"):
        self.env.flush_all()
        self.cr.execute(f"UPDATE {MODEL} SET {column} = {value} WHERE {where}")
        self.env.invalidate_all()

    def _check_only_hours_fail(self, message):
        self.assertRegex(self.sum.computation_error, message)
        self.assertEqual(self.sum_report.computation_error, self.sum.computation_error)
        self.assertFalse(self.count.computation_error)
        self.assertEqual(self._values(self.count_report)[JANUARY], 3)
        self.assertEqual(self._values(self.other_report)[JANUARY], 0)


@tagged("post_install", "-at_install")
class TestKpiComputationErrors(ComputationErrorsCase):
    """A KPI that cannot be computed says why, and does not stop the others."""

    def _told(self, user):
        told = [("user_id", "=", user.id), ("subject", "=", "No new values: Hours")]
        return self.env["kpi.delivery"].search_count(told)

    def test_who_is_responsible_hears_of_it_once_and_else_the_officers(self):
        officer, owner = (
            self._create_user(name, groups=f"base.group_user,{group}")
            for name, group in (("told.officer", OFFICER), ("told.owner", USER))
        )
        self.sum.owner_id = owner
        self._run()
        self._set("x_hours", "'NaN'")
        for _run in range(2):
            self._run()
        self.assertEqual((self._told(owner), self._told(officer)), (1, 0))
        self._set("x_hours", 4)
        self._run()
        self.env["kpi.definition"]._cron_check_certified()
        self._set("x_hours", "'NaN'")
        owner.active = False
        self._run()
        self.assertEqual((self._told(owner), self._told(officer)), (1, 1))

    def test_values_beyond_all_numbers(self):
        for value, message in (
            ("'NaN'", "Hours – North, period from 2023-01-01: nan"),
            ("'Infinity'", "Hours – North, period from 2023-01-01: inf"),
            ("1e308", "Hours: .*out of range"),
        ):
            with self.subTest(value):
                self._set("x_hours", value)
                self._run()
                self._check_only_hours_fail(message)
                self._run()
                self._check_only_hours_fail(message)  # it goes on saying so
                self._set("x_hours", 4)
                self._run()
                self.assertFalse(self.sum.computation_error)
                self.assertFalse(self.sum_report.computation_error)
                self.assertEqual(self._values(self.sum_report)[JANUARY], 12)

    def test_a_filter_that_the_database_does_not_understand(self):
        self.cr.execute(
            "UPDATE kpi_definition SET domain = %s WHERE id = %s",
            ("[('x_hours', 'ilike', 'many')]", self.sum.id),
        )
        self.env.invalidate_all()
        self._run()
        self.assertFalse(self.count.computation_error)
        self.assertEqual(self._values(self.count_report)[JANUARY], 3)

    def test_a_model_that_is_gone(self):
        self.env.flush_all()
        for table in ("kpi_definition", "kpi_source"):
            self.cr.execute(
                f"UPDATE {table} SET model_name = 'x_gone'"
                " WHERE date_field = 'x_closed_date'"
            )
        self.env.invalidate_all()
        self._run()
        self.assertRegex(self.other.computation_error, "“x_gone” is not installed")
        self.assertEqual(self._values(self.count_report)[JANUARY], 3)
        self.assertFalse(self.other.model_id)
        self.env["kpi.source"].search([]).mapped("name")  # lists can be opened

    def test_a_column_that_is_gone(self):
        self.cr.execute("ALTER TABLE x_kpi_deal RENAME COLUMN x_hours TO x_was_hours")
        self._run()
        self._check_only_hours_fail("Hours.*x_hours")
        self.cr.execute("ALTER TABLE x_kpi_deal RENAME COLUMN x_was_hours TO x_hours")
        self._run()
        self.assertFalse(self.sum.computation_error)

    def test_a_filter_on_a_vanished_field(self):
        self.cr.execute(
            "UPDATE kpi_definition SET domain = %s WHERE id = %s",
            ("[('x_gone.name', '=', 'x')]", self.sum.id),
        )
        self.env.invalidate_all()
        self._run()
        self._check_only_hours_fail("Hours.*x_gone")


@tagged("post_install", "-at_install")
class TestKpiVanishedFields(ComputationErrorsCase):
    """In a class of its own: the registry remembers what a test has dropped."""

    def test_dropped_fields_stop_only_the_kpis_that_need_them(self):
        self._run()
        self.env["ir.model.fields"]._get(MODEL, "x_hours").unlink()
        self._run()
        self._check_only_hours_fail("Hours.*x_hours")
        self.assertEqual(self._values(self.sum_report)[JANUARY], 9, "the value stays")
        self.env["ir.model.fields"]._get(MODEL, "x_closed_date").unlink()
        self._run()
        self.assertRegex(self.other.computation_error, "x_closed_date")
        self._check_only_hours_fail("Hours.*x_hours")
        self.records[0].unlink()
        self._run()
        self.assertEqual(self._values(self.count_report)[JANUARY], 2)
