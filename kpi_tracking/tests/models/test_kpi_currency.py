import math
import random
from datetime import date, timedelta

from odoo.tests import tagged

from ..common import KpiCase, days, month_of

FIRST, LAST = date(2023, 1, 1), date(2023, 4, 30)


@tagged("post_install", "-at_install")
class TestKpiCurrency(KpiCase):
    """Amounts are converted at the rate of their own day, or said to be unpriced."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        currencies = cls.env["res.currency"].with_context(active_test=False)
        cls.dollar, cls.yen, cls.pound = (
            currencies.search([("name", "=", name)]) for name in ("USD", "JPY", "GBP")
        )
        (cls.dollar | cls.yen | cls.pound).active = True
        cls.env["res.currency.rate"].search([]).unlink()

    def _rate(self, currency, day, rate, company=None):
        return self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "name": day,
                "rate": rate,
                "company_id": company and company.id,
            }
        )

    def _deal(self, day, amount, currency, **values):
        return self.deals.create(
            {
                "x_date": day,
                "x_amount": amount,
                "x_currency_id": currency.id,
                "x_active": True,
                "x_company_id": self.company.id,
                **values,
            }
        )

    def _revenue(self, **values):
        definition = self._definition(
            "Revenue",
            **{
                "unit": "currency",
                "measure": "sum",
                "measure_field": "x_amount",
                **values,
            },
        )
        (report,) = self._track(definition)
        return report

    def _months(self, *values):
        months = sorted({month_of(day) for day in days(FIRST, LAST)})
        return dict(zip(months, values, strict=True))

    def test_an_amount_is_converted_at_the_rate_of_its_day(self):
        self._rate(self.dollar, "2023-01-01", 1.25)
        self._rate(self.dollar, "2023-02-10", 1.6)
        self._deal("2023-01-31", 100, self.dollar)  # 100 / 1.25 = 80
        self._deal("2023-02-09", 100, self.dollar)  # 80
        self._deal("2023-02-10", 100, self.dollar)  # 100 / 1.6 = 62.5
        self._deal("2023-03-05", 40, self.currency)  # its own currency: 40
        report = self._revenue()
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(80, 142.5, 40, 0))

    def test_records_in_an_archived_currency_keep_their_value(self):
        self._rate(self.dollar, "2023-01-01", 1.25)
        self._deal("2023-01-31", 100, self.dollar)
        report = self._revenue()
        self._compute(FIRST, LAST)
        self.dollar.with_context(force_deactivate=True).active = False
        self._compute(FIRST, LAST, force=True)
        self.assertValues(report, self._months(80, 0, 0, 0))

    def test_a_rate_changed_by_raw_sql_is_found(self):
        self._rate(self.dollar, "2023-01-01", 1.25)
        self._deal("2023-01-31", 100, self.dollar)
        report = self._revenue()
        self._compute(FIRST, LAST)
        self.cr.execute("UPDATE res_currency_rate SET rate = 2")
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(50, 0, 0, 0))

    def test_the_nightly_check_mends_the_daily_rates(self):
        self._rate(self.dollar, "2023-01-01", 1.25)
        self._revenue()
        rates = self.env["kpi.currency.rate"]
        rates._refresh()
        self.cr.execute("UPDATE kpi_currency_rate SET rate = 3")
        rates._refresh(force=True)
        dollars = rates.search([("currency_id", "=", self.dollar.id)])
        self.assertEqual(set(dollars.mapped("rate")), {1.25})

    def test_a_product_is_converted_whichever_factor_is_an_amount(self):
        self._rate(self.dollar, "2023-01-01", 1.25)
        self._deal("2023-01-31", 100, self.dollar, x_quantity=3)
        for fields in (("x_amount", "x_quantity"), ("x_quantity", "x_amount")):
            names = ("measure_field", "factor_field")
            values = dict(zip(names, fields, strict=True))
            report = self._revenue(operand="product", code=fields[0], **values)
            self._compute(FIRST, LAST)
            self.assertValues(report, self._months(240, 0, 0, 0))

    def test_amounts_are_in_a_currency_unless_somebody_says_otherwise(self):
        values = {"measure": "sum", "measure_field": "x_amount"}
        self.assertEqual(self._definition("Amounts", **values).unit, "currency")
        mixed = self._definition("Mixed", unit="number", **values)
        self.assertEqual(mixed.unit, "number")
        self.assertIn("Currency", mixed.unit_notice)
        mixed.measure_field = "x_hours"
        self.assertFalse(mixed.unit_notice)

    def test_formulas_tell_of_records_that_their_parts_left_out(self):
        ann = self._create_user("ann")
        self._rate(self.dollar, "2023-03-01", 2.0)
        for day in ("2023-01-10", "2023-02-10", "2023-03-10"):
            self._deal(day, 100, self.dollar, x_user_id=ann.id)
            self._deal(day, 30, self.currency, x_user_id=ann.id)
        revenue = self._revenue().definition_id
        revenue.report_ids.unlink()
        self._track(revenue, ann)  # the company's is made of hers
        # What does not add up has a value of its own for the quarter.
        formula = {"computation": "formula", "formula": "max(revenue, 0) / 2"}
        half = self._track(
            self._definition("Half", coarsest_grain="quarter", **formula)
        )
        self._compute(FIRST, LAST)
        self.assertValues(half, self._months(15, 15, 40, 0))
        counts = [
            self._fact(half, month).unpriced_count for month in self._months(*"1234")
        ]
        self.assertEqual(counts, [1, 1, 0, 0])
        self.assertEqual(self._fact(half, FIRST, grain="quarter").unpriced_count, 2)

    def test_random_amounts_match_the_last_rate_at_or_before_their_day(self):
        rng = random.Random(7)
        rates = {}
        for currency in (self.dollar, self.yen):
            day = date(2022, 12, 1)
            while day < LAST:
                value = rng.uniform(0.5, 150)
                rates[currency.id, day] = value
                self._rate(currency, day, value)
                day += timedelta(days=rng.randint(1, 20))
        currencies = [self.dollar, self.yen, self.currency]
        all_days = days(FIRST, LAST)
        for _number in range(60):
            amount = round(rng.uniform(1, 5000), 2)
            self._deal(rng.choice(all_days), amount, rng.choice(currencies))
        stored = self.env["res.currency.rate"].search_read(
            [], ["currency_id", "name", "rate"], load=None
        )

        def rate(currency_id, day):
            if currency_id == self.currency.id:
                return 1.0
            known = [
                (row["name"], row["rate"])
                for row in stored
                if row["currency_id"] == currency_id and row["name"] <= day
            ]
            return max(known)[1]

        expected = dict.fromkeys(self._months(0, 0, 0, 0), 0.0)
        for deal in self._all_deals():
            amount = deal["x_amount"] / rate(deal["x_currency_id"], deal["x_date"])
            expected[month_of(deal["x_date"])] += amount
        report = self._revenue()
        self._compute(FIRST, LAST)
        self.assertValues(report, expected)

    def test_a_later_rate_is_never_used_for_an_earlier_day(self):
        self._rate(self.dollar, "2023-03-01", 2.0)
        self._deal("2023-02-28", 100, self.dollar)
        self._deal("2023-02-28", 30, self.currency)
        self._deal("2023-03-01", 100, self.dollar)
        report = self._revenue()
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(None, 30, 50, 0))
        fact = self._fact(report, date(2023, 2, 28))
        self.assertEqual(fact.unpriced_count, 1)
        self.assertEqual(self._fact(report, date(2023, 3, 1)).unpriced_count, 0)

    def test_the_history_marks_periods_with_unpriced_records(self):
        self._rate(self.dollar, "2023-03-01", 2.0)
        self._deal("2023-02-28", 100, self.dollar)
        self._deal("2023-03-01", 100, self.dollar)
        report = self._revenue()
        with self._at("2024-01-15 12:00:00"):
            self._compute(FIRST, LAST)
            for grain, marked in (("month", "2023-02-01"), ("year", "2023-01-01")):
                points = report.get_history(report.id, grain)["points"]
                incomplete = [p["start"] for p in points if p["incomplete"]]
                self.assertIn(marked, incomplete)
                self.assertNotIn("2023-03-01", incomplete)
        self.assertTrue(report.has_unpriced)

    def test_unpriced_records_are_not_in_an_average_either(self):
        self._deal("2023-01-05", 100, self.dollar)
        self._deal("2023-01-06", 30, self.currency)
        report = self._revenue(measure="average")
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(30, None, None, None))
        self.assertEqual(self._fact(report, date(2023, 1, 5)).unpriced_count, 1)
        self.assertEqual(self._fact(report, date(2023, 1, 5)).weight, 1)

    def test_a_kpi_in_another_currency_than_the_company_s(self):
        # 1 EUR = 1.25 USD = 0.8 GBP: 100 USD = 80 EUR = 64 GBP; 50 EUR = 40 GBP
        self._rate(self.dollar, "2023-01-01", 1.25)
        self._rate(self.pound, "2023-01-01", 0.8)
        self._deal("2023-01-05", 100, self.dollar)
        self._deal("2023-01-05", 50, self.currency)
        self._deal("2023-01-05", 7, self.pound)
        report = self._revenue(currency_id=self.pound.id)
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(64 + 40 + 7, 0, 0, 0))

    def test_a_record_without_currency_is_in_that_of_the_company(self):
        self._deal("2023-01-05", 100, self.env["res.currency"])
        report = self._revenue()
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(100, 0, 0, 0))

    def test_the_company_s_own_rates_win_over_shared_ones(self):
        self._rate(self.dollar, "2023-01-01", 2.0)
        self._rate(self.dollar, "2023-01-01", 4.0, self.company)
        self._rate(self.dollar, "2023-03-01", 5.0)
        self._deal("2023-01-05", 100, self.dollar)
        self._deal("2023-03-05", 100, self.dollar)
        report = self._revenue()
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(25, 0, 25, 0))

    def test_shared_rates_hold_until_the_company_s_first_own_rate(self):
        self._rate(self.dollar, "2023-01-01", 2.0)
        self._rate(self.dollar, "2023-02-01", 4.0, self.company)
        self._deal("2023-01-05", 100, self.dollar)
        self._deal("2023-02-05", 100, self.dollar)
        report = self._revenue()
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(50, 25, 0, 0))

    def test_rates_of_another_company_are_not_used(self):
        south = self._create_company("South")
        self._rate(self.dollar, "2023-01-01", 2.0, south)
        self._deal("2023-01-05", 100, self.dollar)
        report = self._revenue()
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(0, 0, 0, 0))
        self.assertEqual(self._fact(report, date(2023, 1, 5)).unpriced_count, 1)

    def test_a_branch_uses_the_rates_of_its_head_office(self):
        branch = self._create_company("Branch", parent_id=self.company.id)
        self._rate(self.dollar, "2023-01-01", 2.0, self.company)
        self._deal("2023-01-05", 100, self.dollar, x_company_id=branch.id)
        definition = self._definition(
            company_id=branch.id,
            unit="currency",
            measure="sum",
            measure_field="x_amount",
        )
        report = definition._track_for("company", branch, company_id=branch.id)
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(50, 0, 0, 0))

    def test_an_open_record_is_priced_on_its_own_day_however_long_ago(self):
        self._rate(self.dollar, "2015-01-01", 2.0)
        self._rate(self.dollar, "2023-02-15", 4.0)
        self._deal("2019-06-01", 100, self.dollar)
        report = self._revenue(kind="stock", date_to_field="x_closed_date")
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(50, 50, 50, 50))

    def test_amounts_are_added_unrounded(self):
        self._rate(self.dollar, "2023-01-01", 3.0)
        for _number in range(30):
            self._deal("2023-01-05", 0.01, self.dollar)
        report = self._revenue()
        self._compute(FIRST, LAST)
        # 30 × 0.01 / 3 = 0.1; rounded to cents one by one it would be nothing.
        self.assertTrue(math.isclose(self._values(report)[FIRST], 0.1, rel_tol=1e-9))

    def test_a_definition_shared_by_companies_uses_the_rates_of_each(self):
        south = self._create_company("South")
        self._rate(self.dollar, "2023-01-01", 2.0, self.company)
        self._rate(self.dollar, "2023-01-01", 5.0, south)
        self._deal("2023-01-05", 100, self.dollar)
        self._deal("2023-01-05", 100, self.dollar, x_company_id=south.id)
        definition = self._definition(
            company_id=False,
            unit="currency",
            measure="sum",
            measure_field="x_amount",
        )
        here = self._track(definition)
        there = definition._track_for("company", south, company_id=south.id)
        self._compute(FIRST, LAST)
        self.assertValues(here, self._months(50, 0, 0, 0))
        self.assertValues(there, self._months(20, 0, 0, 0))

    def test_a_new_rate_is_found_by_the_next_run(self):
        self._deal("2023-02-05", 100, self.dollar)
        report = self._revenue()
        self._compute(FIRST, LAST)
        self._rate(self.dollar, "2023-02-01", 2.0)
        self._compute(FIRST, LAST)
        self.assertValues(report, self._months(None, 50, 0, 0))
        self.assertEqual(self._fact(report, date(2023, 2, 5)).unpriced_count, 0)
        self.assertSameAsForced(FIRST, LAST)
