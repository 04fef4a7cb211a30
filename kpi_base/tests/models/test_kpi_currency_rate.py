from datetime import date
from unittest.mock import patch

from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools import SQL

from ..common import ClockMixin

JANUARY, FEBRUARY = date(2023, 1, 1), date(2023, 2, 10)


@tagged("post_install", "-at_install")
@freeze_time("2023-04-30 12:00:00")
class TestKpiCurrencyRate(ClockMixin, TransactionCase):
    """The rate of each day: the last one known, never a later or an invented one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rates = cls.env["kpi.currency.rate"]
        # What other addons look at is theirs to test.
        cls.classPatch(
            cls.registry["kpi.currency.rate"],
            "_first_day_sql",
            lambda _rates: SQL("SELECT NULL::date AS first_day"),
        )
        cls.dollar = cls.env.ref("base.USD")
        cls.pound = cls.env.ref("base.GBP")
        (cls.dollar | cls.pound).active = True
        cls.env["res.currency.rate"].search([]).unlink()
        cls.company = cls.env["res.company"].create(
            {"name": "North", "currency_id": cls.env.ref("base.EUR").id}
        )

    def _rate(self, day, rate, company=None, currency=None):
        return self.env["res.currency.rate"].create(
            {
                "currency_id": (currency or self.dollar).id,
                "name": day,
                "rate": rate,
                "company_id": company and company.id,
            }
        )

    def _daily(self, *days, company=None, currency=None, **options):
        """The rates of these days, None where there is none."""
        self.rates._refresh(**options)
        found = self.rates.search(
            [
                ("company_id", "=", (company or self.company).id),
                ("currency_id", "=", (currency or self.dollar).id),
            ]
        )
        known = {rate.day: rate.rate for rate in found}
        return [known.get(day) for day in days]

    def test_a_rate_holds_until_the_next_one(self):
        self._rate(JANUARY, 1.25)
        self._rate(FEBRUARY, 1.6)
        days = (date(2022, 12, 31), JANUARY, date(2023, 2, 9), FEBRUARY)
        self.assertEqual(self._daily(*days), [None, 1.25, 1.25, 1.6])

    def test_the_last_rate_holds_to_the_end_of_next_year(self):
        self._rate(JANUARY, 1.25)
        days = (date(2024, 12, 31), date(2025, 1, 1))
        self.assertEqual(self._daily(*days), [1.25, None])

    def test_old_records_are_in_archived_currencies(self):
        self._rate(JANUARY, 1.25)
        self.dollar.with_context(force_deactivate=True).active = False
        self.assertEqual(self._daily(JANUARY), [1.25])

    def test_shared_rates_hold_until_the_companys_first_own_rate(self):
        self._rate(JANUARY, 2.0)
        self._rate(FEBRUARY, 4.0, self.company)
        self._rate(date(2023, 3, 1), 5.0)
        days = (JANUARY, FEBRUARY, date(2023, 3, 1))
        self.assertEqual(self._daily(*days), [2.0, 4.0, 4.0])

    def test_an_own_rate_wins_over_a_shared_one_of_its_day(self):
        own = {"company": self.company}
        self._rate(JANUARY, 2.0)
        self._rate(JANUARY, 4.0, **own)
        self._rate(JANUARY, 4.0, currency=self.pound, **own)  # entered first
        self._rate(JANUARY, 2.0, currency=self.pound)
        for currency in (self.dollar, self.pound):
            self.assertEqual(self._daily(JANUARY, currency=currency), [4.0])

    def test_rates_of_another_company_are_not_used(self):
        south = self.env["res.company"].create({"name": "South"})
        self._rate(JANUARY, 2.0, south)
        self.assertEqual(self._daily(JANUARY), [None])
        self.assertEqual(self._daily(JANUARY, company=south), [2.0])

    def test_a_branch_uses_the_rates_of_its_head_office(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self._rate(JANUARY, 2.0, self.company)
        self.assertEqual(self._daily(JANUARY, company=branch), [2.0])

    def test_what_has_changed_is_found_also_when_changed_by_raw_sql(self):
        self._rate(JANUARY, 1.25)
        self.assertEqual(self._daily(JANUARY), [1.25])
        self.cr.execute("UPDATE res_currency_rate SET rate = 2")
        self.assertEqual(self._daily(JANUARY), [2.0])
        self.env["res.currency.rate"].search([]).unlink()
        self.assertEqual(self._daily(JANUARY), [None])

    def test_nothing_is_written_where_nothing_has_changed(self):
        self._rate(JANUARY, 1.25)
        self.rates._refresh()
        with patch.object(self.registry["kpi.currency.rate"], "_write_days") as writes:
            self.rates._refresh()
            self.assertFalse(writes.called)
            self._rate(FEBRUARY, 1.6, self.company)
            self.rates._refresh()
        self.assertEqual(writes.call_args.args[-1], self.company)

    def test_a_forced_check_mends_the_daily_rates(self):
        self._rate(JANUARY, 1.25)
        self.rates._refresh()
        self.cr.execute(
            "UPDATE kpi_currency_rate SET rate = 3 WHERE day = %s", [JANUARY]
        )
        self.rates.invalidate_model()
        self.assertEqual(self._daily(JANUARY), [3.0], "not seen as a change")
        self.assertEqual(self._daily(JANUARY, force=True), [1.25])

    def test_an_addon_says_how_far_back_it_looks(self):
        self._rate(JANUARY, 1.25)
        first_day = SQL("SELECT DATE '2023-01-15' AS first_day")
        with patch.object(
            self.registry["kpi.currency.rate"], "_first_day_sql", lambda _r: first_day
        ):
            days = (date(2023, 1, 14), date(2023, 1, 15))
            self.assertEqual(self._daily(*days), [None, 1.25])

    def test_the_table_grows_with_the_years(self):
        self._rate(JANUARY, 1.25)
        self.rates._refresh()
        with self._at("2024-01-01 00:00:00"):
            self.assertEqual(self._daily(date(2025, 12, 31)), [1.25])
