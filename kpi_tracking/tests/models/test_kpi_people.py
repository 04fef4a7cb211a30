from datetime import date

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import KpiCase

JANUARY, FEBRUARY, MARCH = (date(2023, month, 1) for month in (1, 2, 3))
QUARTER = (JANUARY, date(2023, 3, 31))


@tagged("post_install", "-at_install")
class TestKpiPeople(KpiCase):
    """Whom a record counts for, on the day of the record."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_sales()
        cls._employ(cls.bob, cls.east)

    def _deal(self, day, user=None, **values):
        return self.deals.create(
            {
                "x_date": day,
                "x_active": True,
                "x_company_id": self.company.id,
                "x_user_id": user and user.id,
                **values,
            }
        )

    def _counted(self, *records, **values):
        """A report per record, computed for the first quarter of 2023."""
        definition = self._definition(**values)
        reports = [self._track(definition, record) for record in records]
        self._compute(*QUARTER)
        return reports

    def _months(self, january, february, march):
        return {JANUARY: january, FEBRUARY: february, MARCH: march}

    def test_a_transfer_does_not_rewrite_the_months_before(self):
        for month in (JANUARY, FEBRUARY, MARCH):
            self._deal(month.replace(day=10), self.ann)
        east, west, sales = self._counted(self.east, self.west, self.sales)
        self.assertValues(east, self._months(1, 1, 1))
        self._transfer(self.ann_employed, self.west, date(2023, 2, 10))
        self._compute(*QUARTER)
        self.assertValues(east, self._months(1, 0, 0))
        self.assertValues(west, self._months(0, 1, 1))
        self.assertValues(sales, self._months(1, 1, 1), label="parent")
        self.assertSameAsForced(*QUARTER)

    def test_the_day_of_a_transfer_belongs_to_the_new_department(self):
        self._transfer(self.ann_employed, self.west, date(2023, 2, 10))
        self._deal(date(2023, 2, 9), self.ann)
        self._deal(date(2023, 2, 10), self.ann)
        east, west = self._counted(self.east, self.west)
        self.assertValues(east, self._months(None, 1, 0))
        self.assertValues(west, self._months(None, 1, 0))

    def test_an_open_record_counts_for_the_department_at_the_end_of_the_period(self):
        self._transfer(self.ann_employed, self.west, date(2023, 2, 28))
        self._deal(date(2023, 1, 5), self.ann, x_closed_date=date(2023, 3, 31))
        east, west = self._counted(
            self.east, self.west, kind="stock", date_to_field="x_closed_date"
        )
        self.assertValues(east, self._months(1, 0, 0))
        self.assertValues(west, self._months(0, 1, 0))

    def test_records_from_before_the_first_contract_count_for_the_first_department(
        self,
    ):
        carl = self._create_user("carl")
        self._employ(carl, self.west, since=date(2023, 3, 1))
        self._deal(date(2023, 1, 5), carl)
        (west,) = self._counted(self.west)
        self.assertValues(west, self._months(1, 0, 0))

    def test_people_who_left_keep_counting_for_their_department(self):
        self._deal(date(2023, 1, 5), self.ann)
        self.ann_employed.action_archive()
        (east,) = self._counted(self.east)
        self.assertValues(east, self._months(1, 0, 0))

    def test_a_parent_contains_its_children_once(self):
        self._transfer(self.ann_employed, self.west, date(2023, 1, 15))
        self._deal(date(2023, 1, 10), self.ann)
        self._deal(date(2023, 1, 20), self.ann)
        self._deal(date(2023, 1, 20), self.bob)
        sales, east, west = self._counted(self.sales, self.east, self.west)
        self.assertValues(sales, self._months(3, 0, 0))
        self.assertValues(east, self._months(2, 0, 0))
        self.assertValues(west, self._months(1, 0, 0))

    def test_a_department_moved_below_another_counts_there(self):
        self._deal(date(2023, 1, 10), self.ann)
        north = self._create_department("North")
        sales, other = self._counted(self.sales, north)
        self.assertValues(sales, self._months(1, 0, 0))
        self.east.parent_id = north
        self._compute(*QUARTER)
        self.assertValues(sales, self._months(0, 0, 0))
        self.assertValues(other, self._months(1, 0, 0))

    def test_a_department_on_the_record_moved_below_another_counts_there(self):
        depot = self._create_department("Depot", self.sales)
        self._deal(date(2023, 1, 10), x_department_id=depot.id)
        north = self._create_department("North")
        sales, other = self._counted(
            self.sales, north, department_field="x_department_id"
        )
        self.assertValues(sales, self._months(1, 0, 0))
        depot.parent_id = north
        self._compute(*QUARTER)
        self.assertValues(sales, self._months(0, 0, 0))
        self.assertValues(other, self._months(1, 0, 0))

    def test_two_people_of_a_department_on_one_record_count_once(self):
        both = [Command.set([self.ann.id, self.bob.id])]
        self._deal(date(2023, 1, 10), x_user_ids=both)
        company, east, sales, ann, bob = self._counted(
            self.company,
            self.east,
            self.sales,
            self.ann,
            self.bob,
            user_field="x_user_ids",
        )
        for report in (company, east, sales, ann, bob):
            self.assertValues(report, self._months(1, 0, 0))

    def test_two_people_of_two_departments_count_once_for_the_parent(self):
        self._transfer(self.ann_employed, self.west, date(2023, 1, 1))
        both = [Command.set([self.ann.id, self.bob.id])]
        self._deal(date(2023, 1, 10), x_user_ids=both)
        east, west, sales = self._counted(
            self.east, self.west, self.sales, user_field="x_user_ids"
        )
        for report in (east, west, sales):
            self.assertValues(report, self._months(1, 0, 0))

    def test_a_person_employed_by_two_companies_counts_where_the_record_is(self):
        south = self._create_company("South")
        abroad = self._create_department("Abroad", company=south)
        self._employ(self.ann, abroad, company=south)
        self._deal(date(2023, 1, 10), self.ann)
        self._deal(date(2023, 2, 10), self.ann, x_company_id=south.id)
        definition = self._definition(company_id=False)
        here = self._track(definition, self.east)
        there = definition._track_for("department", abroad, company_id=south.id)
        by_user = definition._track_for("user", self.ann, company_id=south.id)
        total = definition._track_for("company", south, company_id=south.id)
        self._compute(*QUARTER)
        self.assertValues(here, self._months(1, 0, 0))
        for report in (there, by_user, total):
            self.assertValues(report, self._months(None, 1, 0))

    def test_a_record_without_company_counts_for_that_of_the_definition(self):
        self._deal(date(2023, 1, 10), self.ann, x_company_id=False)
        company, east, ann = self._counted(self.company, self.east, self.ann)
        for report in (company, east, ann):
            self.assertValues(report, self._months(1, 0, 0))

    def test_records_of_another_company_do_not_count(self):
        south = self._create_company("South")
        self._deal(date(2023, 1, 10), self.ann, x_company_id=south.id)
        company, east, ann = self._counted(self.company, self.east, self.ann)
        for report in (company, east, ann):
            self.assertValues(report, {})

    def test_a_team_counts_its_members_while_they_are_in_it(self):
        team = self.env["kpi.team"].create(
            {
                "name": "Red",
                "company_id": self.company.id,
                "member_ids": [
                    Command.create(
                        {
                            "user_id": self.ann.id,
                            "date_from": date(2023, 1, 20),
                            "date_to": date(2023, 2, 10),
                        }
                    )
                ],
            }
        )
        for day in (19, 20):
            self._deal(date(2023, 1, day), self.ann)
        for day in (9, 10):
            self._deal(date(2023, 2, day), self.ann)
        (report,) = self._counted(team)
        self.assertValues(report, self._months(1, 1, 0))

    def test_a_record_of_another_app_stands_for_a_team_through_its_link(self):
        # A partner category plays the sales team: any model may hold teams.
        category = self.env["res.partner.category"].create({"name": "Direct"})
        self.env["ir.model.fields"].create(
            {
                "name": "x_channel_id",
                "model_id": self.deal_model.id,
                "ttype": "many2one",
                "relation": "res.partner.category",
                "field_description": "Channel",
            }
        )
        deals = self.env["x_kpi_deal"]
        deals.create(
            {
                "x_date": "2023-01-10",
                "x_active": True,
                "x_company_id": self.company.id,
                "x_channel_id": category.id,
            }
        )
        definition = self._definition(team_field="x_channel_id")
        team = self.env["kpi.team"].create(
            {"name": "Direct", "company_id": self.company.id}
        )
        report = self._track(definition, team)
        self._compute(*QUARTER)
        self.assertValues(report, self._months(0, 0, 0))
        team.write({"linked_model": category._name, "linked_id": category.id})
        self._compute(*QUARTER)
        self.assertValues(report, self._months(1, 0, 0))

    def test_fields_that_hold_several_records_are_refused(self):
        """A join would give each record that of another one, or fail at every run."""
        partners = {
            "model_name": "res.partner",
            "date_field": "create_date",
            "company_field": "company_id",
        }
        for name, path, values in (
            ("user_field", "create_uid.partner_id.user_ids", {}),
            ("user_field", "x_partner_id.user_ids", {}),
            ("user_field", "user_ids", partners),
            ("company_field", "create_uid.company_ids", {}),
        ):
            with (
                self.subTest(path=path),
                self.assertRaisesRegex(ValidationError, "contains several records"),
                self.cr.savepoint(),
            ):
                self._definition(**{name: path, **values})
        self.assertTrue(self._definition(user_field="x_user_ids"))
