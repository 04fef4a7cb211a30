from datetime import date
from unittest.mock import patch

from odoo.tests import TransactionCase, new_test_user, tagged

FIRST, LAST = date(1900, 1, 1), date(9998, 12, 31)
MOVED = date(2023, 2, 10)


@tagged("post_install", "-at_install")
class TestKpiMembership(TransactionCase):
    """Departments and teams that a user counts for, day by day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "North"})
        cls.sales = cls._department("Sales")
        cls.east = cls._department("East", cls.sales)
        cls.west = cls._department("West", cls.sales)
        cls.ann = new_test_user(cls.env, "ann_member", company_id=cls.company.id)
        cls.employee = cls._employ(cls.ann, cls.east)
        cls.memberships = cls.env["kpi.membership"]

    @classmethod
    def _department(cls, name, parent=None, company=None):
        return cls.env["hr.department"].create(
            {
                "name": name,
                "parent_id": parent and parent.id,
                "company_id": (company or cls.company).id,
            }
        )

    @classmethod
    def _employ(cls, user, department, since=date(2022, 1, 1), company=None):
        return cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "company_id": (company or cls.company).id,
                "department_id": department.id,
                "date_version": since,
            }
        )

    def _transfer(self, department, on=MOVED):
        values = {"date_version": on, "department_id": department.id}
        self.employee.create_version(values)

    def _stays(self, user=None, scope_type="department"):
        """(department or team, from, before) of the user, refreshed."""
        self.memberships._refresh()
        rows = self.memberships.search(
            [("user_id", "=", (user or self.ann).id), ("scope_type", "=", scope_type)]
        )
        return {(row.scope_id, row.date_from, row.date_to) for row in rows}

    def test_lists_of_memberships_without_an_end_are_grouped_by_it(self):
        self.assertIn(LAST, {stop for _id, _start, stop in self._stays()})
        for unit in ("day", "week", "month", "quarter", "year"):
            found = self.memberships.web_read_group([], [f"date_to:{unit}"], [])
            self.assertTrue(found["groups"], unit)

    def test_a_department_counts_for_all_above_it_from_ever_on(self):
        """An employee file starts on the day it is made, records often earlier."""
        wanted = {(self.east.id, FIRST, LAST), (self.sales.id, FIRST, LAST)}
        self.assertEqual(self._stays(), wanted)

    def test_the_day_of_a_transfer_belongs_to_the_new_department(self):
        self._transfer(self.west)
        self.assertEqual(
            self._stays(),
            {
                (self.east.id, FIRST, MOVED),
                (self.west.id, MOVED, LAST),
                # the parent in two rows that meet and do not overlap
                (self.sales.id, FIRST, MOVED),
                (self.sales.id, MOVED, LAST),
            },
        )

    def test_people_who_left_keep_counting(self):
        self.employee.action_archive()
        self.assertIn((self.east.id, FIRST, LAST), self._stays())

    def test_a_department_moved_below_another_counts_there(self):
        self._stays()
        north = self._department("North")
        self.east.parent_id = north
        wanted = {(self.east.id, FIRST, LAST), (north.id, FIRST, LAST)}
        self.assertEqual(self._stays(), wanted)

    def test_each_company_of_a_person_has_rows_of_its_own(self):
        south = self.env["res.company"].create({"name": "South"})
        abroad = self._department("Abroad", company=south)
        self._employ(self.ann, abroad, company=south)
        self.assertIn((abroad.id, FIRST, LAST), self._stays())
        companies = self.memberships.search([("user_id", "=", self.ann.id)]).company_id
        self.assertEqual(companies, self.company | south)

    def test_people_without_user_or_department_count_nowhere(self):
        self.employee.user_id = False
        self.assertFalse(self._stays())
        bob = new_test_user(self.env, "bob_member", company_id=self.company.id)
        self._employ(bob, self.env["hr.department"])
        self.assertFalse(self._stays(bob))

    def test_stays_in_teams_are_as_they_were_entered(self):
        team = self.env["kpi.team"].create(
            {"name": "Red", "company_id": self.company.id}
        )
        stay = {"team_id": team.id, "user_id": self.ann.id}
        self.env["kpi.team.member"].create(
            [
                {**stay, "date_from": "2023-01-20", "date_to": "2023-02-10"},
                {**stay, "date_from": "2023-05-01"},
            ]
        )
        wanted = {
            (team.id, date(2023, 1, 20), MOVED),
            (team.id, date(2023, 5, 1), LAST),
        }
        self.assertEqual(self._stays(scope_type="team"), wanted)

    def _moves(self):
        """Return what addons hear of people who count elsewhere since the last time."""
        told = []
        with patch.object(
            self.registry["kpi.membership"],
            "_note_moves",
            lambda _model, first_days: told.append(first_days),
        ):
            self.memberships._refresh()
        return told

    def test_addons_hear_from_which_day_on_somebody_counts_elsewhere(self):
        self.memberships._refresh()
        self.assertEqual(self._moves(), [])
        self._transfer(self.west)
        (moved,) = self._moves()
        self.assertEqual(moved, {self.ann.id: MOVED})
        self._transfer(self.east, date(2023, 6, 1))
        (moved,) = self._moves()
        self.assertEqual(moved, {self.ann.id: date(2023, 6, 1)})

    def test_people_who_count_as_before_are_not_written_again(self):
        self.memberships._refresh()
        before = self.memberships.search([]).ids
        self._employ(
            new_test_user(self.env, "bob_member", company_id=self.company.id), self.west
        )
        self.memberships._refresh()
        self.assertLess(set(before), set(self.memberships.search([]).ids))


@tagged("post_install", "-at_install")
class TestHrDepartment(TransactionCase):
    """Managers of a department, as record rules ask for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = new_test_user(cls.env, "ann_manager")
        cls.manager = cls.env["hr.employee"].create(
            {"name": "Ann", "user_id": cls.ann.id}
        )
        departments = cls.env["hr.department"]
        cls.sales = departments.create(
            {"name": "Sales", "manager_id": cls.manager.id, "company_id": False}
        )
        cls.east = departments.create({"name": "East", "parent_id": cls.sales.id})
        cls.other = departments.create({"name": "Other"})
        cls.all = cls.sales | cls.east | cls.other

    def _managed(self):
        """The departments that Ann manages, computed and searched for."""
        own = self.all.with_user(self.ann)
        own.invalidate_recordset()
        computed = own.sudo().filtered("is_managed_by_me").ids
        among = [("id", "in", self.all.ids)]
        for value in (True, False):
            found = own.sudo().search([*among, ("is_managed_by_me", "=", value)])
            missing = set(self.all.ids) - set(computed)
            self.assertEqual(set(found.ids), set(computed) if value else missing)
        return self.env["hr.department"].browse(computed)

    def test_a_manager_manages_what_lies_below_too(self):
        self.assertEqual(self._managed(), self.sales | self.east)

    def test_a_manager_who_left_manages_nothing(self):
        self.manager.action_archive()
        self.assertFalse(self._managed())

    def test_nobody_who_is_no_employee_manages(self):
        self.sales.manager_id = False
        self.assertFalse(self._managed())
