from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import KpiCase

JANUARY, FEBRUARY, MARCH, APRIL = (date(2023, month, 1) for month in (1, 2, 3, 4))
HALF_YEAR = (JANUARY, date(2023, 6, 30))
DEALS = [  # day, closed, amount
    ("2023-01-05", "2023-01-20", 10.0),
    ("2023-01-25", "2023-04-02", 20.0),
    ("2023-02-10", False, 60.0),
    ("2023-03-31", False, 30.0),
]


@tagged("post_install", "-at_install")
class TestKpiReportValues(KpiCase):
    """Values of many KPIs read at once, at the grain that is asked for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deals.create(
            [
                {
                    "x_date": day,
                    "x_closed_date": closed,
                    "x_amount": amount,
                    "x_active": True,
                    "x_company_id": cls.company.id,
                }
                for day, closed, amount in DEALS
            ]
        )

    def _kpi(self, name, **values):
        if values.get("measure", "count") != "count":
            values["measure_field"] = "x_amount"
        return self._track(self._definition(name, **values))

    def _quarters(self, report):
        return report._values("quarter", *HALF_YEAR)[report]

    def test_each_kpi_is_rolled_up_as_it_declares(self):
        deals = self._kpi("Deals")
        average = self._kpi("Average", measure="average")
        largest = self._kpi("Largest", measure="max")
        median = self._kpi("Median", measure="median")
        still_open = self._kpi("Open", kind="stock", date_to_field="x_closed_date")
        reports = deals | average | largest | median | still_open
        self._compute(*HALF_YEAR)
        values = reports._values("quarter", *HALF_YEAR)
        self.assertEqual(
            values,
            {
                # nothing happened from April on: a count is 0, the others have no value
                deals: {JANUARY: 4.0, APRIL: 0.0},
                # (10 + 20 + 60 + 30) / 4; the mean of the months' means would be 35
                average: {JANUARY: 30.0},
                largest: {JANUARY: 60.0},
                # of 10, 20, 30, 60; of the months' medians 15, 60, 30 it would be 30
                median: {JANUARY: 25.0},
                # on 31 March all but the first; then the second is closed
                still_open: {JANUARY: 3.0, APRIL: 2.0},
            },
        )

    def test_own_periods_are_read_as_they_are_kept(self):
        average = self._kpi("Average", measure="average")
        self._compute(*HALF_YEAR)
        values = average._values("month", FEBRUARY, date(2023, 4, 15))
        self.assertEqual(values, {average: {FEBRUARY: 60.0, MARCH: 30.0}})

    def test_formulas_are_those_of_the_longer_period(self):
        self._kpi("Deals")
        self._kpi("Amount", measure="sum")
        mean = self._kpi("Mean", computation="formula", formula="amount / deals")
        self._compute(*HALF_YEAR)
        self.assertEqual(self._quarters(mean), {JANUARY: 30.0})

    def test_there_is_no_zero_before_the_history(self):
        deals = self._kpi("Deals", history_start=FEBRUARY)
        before = self._kpi("Before", computation="formula", formula="prev(deals)")
        self._compute(*HALF_YEAR)
        values = (deals | before)._values("quarter", date(2022, 10, 1), HALF_YEAR[1])
        self.assertEqual(
            values,
            {deals: {JANUARY: 2.0, APRIL: 0.0}, before: {APRIL: 2.0}},
        )

    def test_there_is_no_zero_before_the_history_of_what_is_below(self):
        self._track(
            self._definition("Deals", history_start=FEBRUARY), self._create_user("ann")
        )
        twice = self._kpi("Twice", computation="formula", formula="2 * deals")
        self._compute(*HALF_YEAR)
        values = twice._values("month", JANUARY, date(2023, 3, 31))
        self.assertEqual(values, {twice: {FEBRUARY: 0.0, MARCH: 0.0}})

    def test_a_grain_that_is_not_shown_is_refused(self):
        deals = self._kpi("Deals", coarsest_grain="quarter")
        for grain in ("week", "day", "year"):
            said = f"“{grain.capitalize()}” is .*Choose one of: Month, Quarter"
            with self.assertRaisesRegex(UserError, said):
                deals._values(grain, *HALF_YEAR)

    def test_values_are_for_those_who_see_the_kpi(self):
        deals = self._kpi("Deals")
        stranger = self._create_user("stranger")
        with self.assertRaises(AccessError):
            deals.with_user(stranger)._values("month", *HALF_YEAR)

    def test_the_number_of_queries_does_not_grow_with_the_kpis(self):
        users = self.env["res.users"]
        for number in range(5):
            users |= self._create_user(f"person{number}")
        reports = self._kpi("Deals") | self._kpi("Amount", measure="sum")
        reports |= self._track(reports.definition_id[0], *users)
        reports._values("quarter", *HALF_YEAR)  # fills the cache
        with self.assertQueryCount(1):
            reports._values("quarter", *HALF_YEAR)
