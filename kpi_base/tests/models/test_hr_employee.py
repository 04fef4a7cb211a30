from datetime import date

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import (
    Form,
    HttpCase,
    TransactionCase,
    freeze_time,
    new_test_user,
    tagged,
)

FIRST, LAST = date(1900, 1, 1), date(9998, 12, 31)
HIRED, TODAY = date(2025, 3, 1), date(2025, 9, 10)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestHrEmployee(TransactionCase):
    """Departments that people change on the form of an employee."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Movers"})
        departments = cls.env["hr.department"]
        cls.east, cls.west = departments.create(
            [
                {"name": name, "company_id": cls.company.id}
                for name in ("Movers East", "Movers West")
            ]
        )
        cls.ann = new_test_user(cls.env, "ann_moves", company_id=cls.company.id)
        cls.employee = cls.env["hr.employee"].create(
            {
                "name": "Ann",
                "user_id": cls.ann.id,
                "company_id": cls.company.id,
                "department_id": cls.east.id,
                "date_version": HIRED,
            }
        )
        # keeps employees and has no role of KPIs
        cls.clerk = new_test_user(
            cls.env,
            "hr_clerk_moves",
            "base.group_user,hr.group_hr_user",
            company_id=cls.company.id,
        )

    def _open(self, **context):
        """The form as the web client shows it to who keeps employees."""
        employee = self.employee.with_user(self.clerk).with_context(**context)
        return Form(employee, "hr.view_employee_form")

    def _stays(self):
        """(department, from, before) of the person."""
        memberships = self.env["kpi.membership"]
        memberships._refresh()
        rows = memberships.search([("user_id", "=", self.ann.id)])
        return {(row.scope_id, row.date_from, row.date_to) for row in rows}

    def test_a_new_department_counts_from_today_on(self):
        with self._open() as form:
            form.department_id = self.west
            self.assertEqual(form.kpi_department_change, "today")
            self.assertIn("Movers East", form.kpi_department_note)
            form.job_title = "Driver"
        self.assertEqual(self.employee.department_id, self.west)
        self.assertEqual(self.employee.job_title, "Driver")
        self.assertEqual(
            self._stays(),
            {(self.east.id, FIRST, TODAY), (self.west.id, TODAY, LAST)},
        )

    def test_a_new_department_counts_from_a_date_on(self):
        moved = date(2025, 8, 1)
        with self._open() as form:
            form.department_id = self.west
            form.kpi_department_change = "date"
            self.assertFalse(form.kpi_department_note)
            form.kpi_department_since = moved
        self.assertEqual(
            self._stays(),
            {(self.east.id, FIRST, moved), (self.west.id, moved, LAST)},
        )

    def test_a_department_that_was_wrong_is_corrected_for_good(self):
        with self._open() as form:
            form.department_id = self.west
            form.kpi_department_change = "always"
            self.assertIn(
                "also counts for the new department in earlier periods",
                form.kpi_department_note,
            )
        self.assertEqual(self._stays(), {(self.west.id, FIRST, LAST)})
        self.assertEqual(len(self.employee.version_ids), 1)

    def test_the_effect_of_a_date_of_another_version_is_its_refusal(self):
        with self._open() as form:
            form.department_id = self.west
        form = self._open()
        form.department_id = self.east
        form.kpi_department_change = "date"
        form.kpi_department_since = date(2025, 8, 1)
        with self.assertRaises(UserError) as refusal:
            form.save()
        self.assertEqual(form.kpi_department_note, str(refusal.exception))
        form.kpi_department_change = "always"
        self.assertIn("Earlier versions are unchanged", form.kpi_department_note)

    def test_two_changes_of_one_day_are_one_version(self):
        for department in (self.west, self.east, self.west):
            with self._open() as form:
                form.department_id = department
        self.assertEqual(len(self.employee.version_ids), 2)
        self.assertEqual(
            self._stays(),
            {(self.east.id, FIRST, TODAY), (self.west.id, TODAY, LAST)},
        )

    def test_programs_write_as_odoo_does(self):
        self.employee.write({"department_id": self.west.id})
        self.assertEqual(self._stays(), {(self.west.id, FIRST, LAST)})
        self.assertEqual(len(self.employee.version_ids), 1)

    def test_other_changes_make_no_version(self):
        with self._open() as form:
            form.job_title = "Driver"
            self.assertFalse(form.kpi_department_change)
        with self._open() as form:
            form.department_id = self.west
            form.department_id = self.east
            self.assertFalse(form.kpi_department_change)
        self.assertEqual(len(self.employee.version_ids), 1)

    def test_employees_whom_no_kpi_counts_are_not_asked_about(self):
        self.employee.user_id = False
        with self._open() as form:
            form.department_id = self.west
            self.assertFalse(form.kpi_department_change)
        self.assertEqual(len(self.employee.version_ids), 1)
        form = Form(self.env["hr.employee"], "hr.view_employee_form")
        form.name = "Bob"
        form.department_id = self.west
        self.assertFalse(form.kpi_department_change)
        self.assertEqual(len(form.save().version_ids), 1)

    def test_a_version_that_was_chosen_is_changed_as_a_whole(self):
        promoted = date(2025, 6, 1)
        version = self.employee.create_version({"date_version": promoted})
        first = self.employee.version_ids - version
        with self._open(version_id=first.id) as form:
            form.department_id = self.west
            self.assertEqual(form.kpi_department_change, "always")
            self.assertIn("Another version begins", form.kpi_department_note)
        self.assertEqual(
            self._stays(),
            {(self.west.id, FIRST, promoted), (self.east.id, promoted, LAST)},
        )
        with self._open(version_id=version.id) as form:
            form.department_id = self.west
            self.assertIn("the start of this version", form.kpi_department_note)
        self.assertEqual(
            self._stays(),
            {(self.west.id, FIRST, promoted), (self.west.id, promoted, LAST)},
        )

    def test_days_of_another_version_are_refused(self):
        self.employee.create_version({"date_version": date(2025, 6, 1)})
        self.employee.create_version({"date_version": date(2026, 1, 1)})
        for day in (date(2025, 5, 1), date(2026, 1, 1), False):
            with self.subTest(day=day), self.assertRaisesRegex(UserError, "Ann"):
                self.employee.write(
                    {
                        "department_id": self.west.id,
                        "kpi_department_change": "date",
                        "kpi_department_since": day,
                    }
                )
        with self.assertRaises(ValueError):
            self.employee.write(
                {"department_id": self.west.id, "kpi_department_change": "soon"}
            )

    def test_an_employee_to_come_moves_as_a_whole(self):
        self.employee.version_ids.date_version = date(2025, 12, 1)
        with self._open() as form:
            form.department_id = self.west
            self.assertEqual(form.kpi_department_change, "always")
        self.assertEqual(self._stays(), {(self.west.id, FIRST, LAST)})

    def test_another_company_asks_nothing(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        far = self.env["hr.department"].create({"name": "Far", "company_id": other.id})
        form = Form(self.employee, "hr.view_employee_form")
        form.company_id = other
        form.department_id = far
        self.assertFalse(form.kpi_department_change)

    def test_the_company_of_the_employee_counts_not_that_of_the_user(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.ann.company_ids += other
        self.ann.company_id = other
        with self._open() as form:
            form.department_id = self.west
        self.assertIn((self.east.id, FIRST, TODAY), self._stays())

    def test_a_list_moves_several_from_today_on(self):
        values = {"department_id": self.west.id, "kpi_department_change": "today"}
        self.employee.with_user(self.clerk).web_save(values, {"department_id": {}})
        self.assertIn((self.west.id, TODAY, LAST), self._stays())
        self.assertIn((self.east.id, FIRST, TODAY), self._stays())


@tagged("post_install", "-at_install")
class TestHrEmployeeForm(HttpCase):
    """The form as the browser shows it."""

    def test_who_keeps_employees_is_asked_since_when_a_department_holds(self):
        departments = self.env["hr.department"].create(
            [{"name": f"Movers {name}"} for name in ("East", "West", "South")]
        )
        east, west, south = departments
        ann = new_test_user(self.env, "ann_moves")
        employee = self.env["hr.employee"].create(
            {
                "name": "Ann",
                "user_id": ann.id,
                "department_id": east.id,
                "date_version": HIRED,
            }
        )
        new_test_user(self.env, "hr_clerk", "base.group_user,hr.group_hr_user")
        self.start_tour(
            f"/odoo/hr.employee/{employee.id}",
            "kpi_base.employee_moves",
            login="hr_clerk",
        )
        versions = employee.version_ids.sorted("date_version")
        self.assertEqual(versions.department_id, east | south)
        self.assertEqual(versions.mapped("date_version"), [HIRED, fields.Date.today()])
