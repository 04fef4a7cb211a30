from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..common import KpiCase

JANUARY, LAST = date(2023, 1, 1), date(2023, 1, 31)


@tagged("post_install", "-at_install")
class TestKpiCompanies(KpiCase):
    """No company measures, or takes away, what belongs to another one.

    Time off is measured, as it has a company of its own beside that of its resource.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.south = cls._create_company("South")
        cls.resources = {
            company: cls.env["resource.resource"].create(
                {"name": company.name, "company_id": company.id}
            )
            for company in (cls.company, cls.south)
        }
        cls.leaves = cls.env["resource.calendar.leaves"]

    def _leave(self, company, resource_of=None):
        """A leave of ``company`` for the resource of ``resource_of``."""
        leave = self.leaves.create(
            {
                "company_id": company.id,
                "resource_id": self.resources[resource_of or self.company].id,
                "date_from": "2023-01-10 08:00:00",
                "date_to": "2023-01-10 16:00:00",
            }
        )
        # Odoo takes it from the calendar; records that differ come from elsewhere.
        leave.company_id = company
        return leave

    def _leaves_kpi(self, **values):
        return self._definition(
            "Leaves",
            model_name="resource.calendar.leaves",
            date_field="date_from",
            user_field=False,
            **values,
        )

    def _counted(self, definition, company=None):
        company = company or self.company
        report = definition._track_for("company", company, company_id=company.id)
        self._compute(JANUARY, LAST)
        return self._values(report).get(JANUARY)

    def test_records_of_another_company_do_not_count_whatever_the_path_says(self):
        self._leave(self.company)
        self._leave(self.env["res.company"])
        self._leave(self.south)
        for path in (False, "resource_id.company_id", "create_uid.company_id"):
            with self.subTest(path):
                kpi = self._leaves_kpi(company_field=path, code=False)
                # Of a company without records nothing is measured.
                expected = None if path == "create_uid.company_id" else 2
                self.assertEqual(self._counted(kpi), expected)

    def test_a_shared_kpi_counts_no_record_for_a_company_that_it_is_not_of(self):
        self._leave(self.company)
        self._leave(self.south)
        self._leave(self.south, resource_of=self.south)
        kpi = self._leaves_kpi(company_id=False, company_field="resource_id.company_id")
        self.assertEqual(self._counted(kpi), 1)
        self.assertEqual(self._counted(kpi, self.south), 1)

    def test_records_without_a_company_count_as_the_kpi_says(self):
        """The company has two leaves, South one; one is nobody's."""
        for company in (self.company, self.company, self.south):
            self._leave(company, resource_of=company)
        nobody = self._leave(self.env["res.company"])
        nobody.resource_id = False
        nobody.company_id = False  # Odoo takes it from the calendar
        for shared, values, expected in (
            (False, {}, (3, 0)),  # as before: of the KPI's own company
            (False, {"without_company": "none"}, (2, 0)),
            (False, {"without_company": "one", "to": self.company}, (3, 0)),
            (False, {"without_company": "one", "to": self.south}, (2, 0)),
            (True, {}, (2, 1)),  # as before: for nobody
            (True, {"without_company": "every"}, (3, 2)),
            (True, {"without_company": "none"}, (2, 1)),
            (True, {"without_company": "one", "to": self.south}, (2, 2)),
        ):
            with self.subTest(shared=shared, **values):
                company = values.pop("to", self.env["res.company"])
                kpi = self._leaves_kpi(
                    company_id=False if shared else self.company.id,
                    company_field="company_id",
                    code=False,
                    without_company_id=company.id,
                    **values,
                )
                companies = (self.company, self.south) if shared else (self.company,)
                found = [self._counted(kpi, each) for each in companies]
                self.assertEqual(found, list(expected[: len(found)]))

    def test_a_record_of_a_company_is_none_of_those_without(self):
        self._leave(self.south)
        kpi = self._leaves_kpi(
            company_id=False,
            company_field="resource_id.company_id",
            without_company="every",
        )
        self.resources[self.company].company_id = False
        self.assertIsNone(self._counted(kpi))
        self.assertIsNone(self._counted(kpi, self.south))

    def test_amounts_without_a_company_are_in_the_currency_of_whom_they_count_for(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": dollar.id,
                "company_id": self.company.id,
                "name": "2022-01-01",
                "rate": 2.0,
            }
        )
        self.deals.create({"x_amount": 10.0, "x_date": "2023-01-10", "x_active": True})
        kpi = self._definition(
            "Amount",
            measure="sum",
            measure_field="x_amount",
            unit="currency",
            currency_id=dollar.id,
            company_id=False,
            company_field="x_company_id",
            without_company="one",
            without_company_id=self.company.id,
        )
        self.assertEqual(self._counted(kpi), 20.0)

    def test_one_company_has_to_be_named(self):
        with self.assertRaisesRegex(ValidationError, "choose the company"):
            self._leaves_kpi(company_field=False, without_company="one")

    def test_a_record_that_changes_its_company_is_found(self):
        leave = self._leave(self.company)
        kpi = self._leaves_kpi(company_field="resource_id.company_id")
        self.assertEqual(self._counted(kpi), 1)
        leave.company_id = self.south
        self.assertIsNone(self._counted(kpi))

    def test_a_shared_kpi_needs_a_path_to_the_company(self):
        message = "Leaves, Company Field: required for a KPI without a company"
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            self._leaves_kpi(company_id=False, company_field=False)
        own = self._leaves_kpi(company_field=False)
        with self.assertRaisesRegex(ValidationError, message):
            own.company_id = False

    def test_a_shared_kpi_is_not_taken_from_who_tracks_it(self):
        kpi = self._definition(company_id=False)
        report = kpi._track_for("company", self.south, company_id=self.south.id)
        report.active = False
        with self.assertRaisesRegex(ValidationError, "Deals is used by South"):
            kpi.company_id = self.company
        kpi.company_id = self.south

    def test_a_shared_kpi_is_not_taken_from_whose_formula_names_it(self):
        kpi = self._definition(company_id=False)
        self._definition(
            "Twice",
            computation="formula",
            formula=f"2 * {kpi.code}",
            company_id=self.south.id,
        )
        with self.assertRaisesRegex(ValidationError, "Deals is used by South"):
            kpi.company_id = self.company

    def test_kpis_of_two_companies_are_told_apart_where_both_are_active(self):
        shared = self._definition("Leaves of People", company_id=False)
        user = self.env.user
        here, there = (
            shared._track_for("user", user, company_id=company.id)
            for company in (self.company, self.south)
        )
        other = shared._track_for("company", self.company, company_id=self.company.id)
        name = f"Leaves of People – {user.name}"
        both = (self.company | self.south).ids
        for companies, expected in (
            (self.company.ids, [name, other.name]),
            (both, [f"{name} ({self.company.name})", other.name]),
        ):
            shown = (here | other).with_context(allowed_company_ids=companies)
            self.assertEqual(shown.mapped("display_name"), expected)
        there = there.with_context(allowed_company_ids=both)
        self.assertEqual(there.display_name, f"{name} (South)")
        found = there.search([("display_name", "=", there.display_name)])
        self.assertEqual(found, there)
