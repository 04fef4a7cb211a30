from datetime import date, datetime

from odoo.tests import TransactionCase, freeze_time

from ..formatting import (
    format_amount_briefly,
    format_clock,
    format_day,
    format_moment,
    format_number,
    format_percent,
    format_period,
    format_signed,
    format_significant,
    format_small_percent,
)


class TestFormattingOfReader(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in ("de_DE", "en_GB", "fr_FR", "ar_001"):
            cls.env["res.lang"]._activate_lang(code)

    def _reader(self, code, **context):
        return self.env(context={"lang": code, "tz": "Europe/Berlin", **context})

    @freeze_time("2026-11-29 12:00:00")
    def test_days_and_percents_come_from_the_reader(self):
        for code, day, share in (
            ("en_US", "Nov 6", "12%"),
            ("en_GB", "6 Nov", "12%"),
            ("de_DE", "6. Nov.", "12\u00a0%"),
            ("fr_FR", "6 nov.", "12\u00a0%"),
            ("ar_001", "6 نوفمبر", "\u206812%\u2069"),
        ):
            with self.subTest(code):
                env = self._reader(code)
                self.assertEqual(format_day(env, date(2026, 11, 6)), day)
                self.assertEqual(format_day(env, "2026-11-06"), day)
                self.assertEqual(format_percent(env, 0.12), share)

    def test_the_sign_of_a_difference_stays_with_its_number(self):
        for code, down, none in (
            ("en_US", "−12%", "±0%"),
            ("de_DE", "−12\u00a0%", "±0\u00a0%"),
            ("ar_001", "\u2068\u200e−12%\u2069", "\u2068\u200e±0%\u2069"),
        ):
            with self.subTest(code):
                env = self._reader(code)
                size = format_percent(env, 0.12)
                self.assertEqual(format_signed(env, -0.12, size), down)
                self.assertEqual(format_signed(env, 0, format_percent(env, 0)), none)

    @freeze_time("2026-11-29 12:00:00")
    def test_a_day_of_another_year_has_its_year(self):
        german = self._reader("de_DE")
        self.assertEqual(format_day(german, date(2025, 11, 6)), "6. Nov. 2025")
        self.assertEqual(
            format_day(german, date(2026, 11, 6), with_year=True), "6. Nov. 2026"
        )
        self.assertEqual(format_day(german, False), "")
        self.assertEqual(format_period(german, date(2026, 10, 1), "quarter"), "Q4 2026")
        self.assertEqual(format_period(german, date(2026, 11, 2), "week"), "W45 2026")

    @freeze_time("2026-11-29 12:00:00")
    def test_a_moment_is_one_where_the_reader_is(self):
        moment = datetime(2026, 11, 6, 23, 30)
        german = self._reader("de_DE")
        self.assertEqual(format_moment(german, moment), "7. Nov., 00:30")
        self.assertEqual(format_day(german, moment), "7. Nov.")
        self.assertEqual(format_clock(german, moment), "00:30")
        self.assertEqual(
            format_moment(german, "2026-11-06 23:30:00", tz="America/New_York"),
            "6. Nov., 18:30",
        )

    def test_the_signs_are_those_of_the_language_in_odoo(self):
        lang = self.env["res.lang"]._lang_get("de_DE")
        lang.write({"thousands_sep": "'", "decimal_point": ".", "grouping": "[3,2,0]"})
        self.assertEqual(
            format_number(self._reader("de_DE"), 1234567.5, 1), "12'34'567.5"
        )

    def test_many_days_take_no_query(self):
        env = self._reader("de_DE")
        format_day(env, date(2026, 11, 6))
        with self.assertQueryCount(0):
            for day in range(1, 29):
                format_day(env, date(2026, 11, day))
                format_percent(env, day / 100)

    def test_digits_that_say_nothing_are_left_out(self):
        german = self._reader("de_DE")
        for number, digits, text in (
            (1.5, 3, "1,5"),
            (2.0, 3, "2"),
            (0.05, 3, "0,05"),
            (0.0123456, 3, "0,0123"),
            (12.34, 3, "12,3"),
            (99.96, 3, "100"),
            (1234.6, 3, "1.235"),
            (33.3333, 7, "33,3333"),
            (0, 3, "0"),
        ):
            with self.subTest(number):
                self.assertEqual(format_significant(german, number, digits), text)

    def test_nothing_has_no_sign(self):
        for ratio, digits, text in (
            (-0.0004, 1, "0%"),
            (-0.004, 0, "0%"),
            (-0.0006, 1, "-0.1%"),
            (0.0, 0, "0%"),
        ):
            with self.subTest(ratio):
                self.assertEqual(format_percent(self.env, ratio, digits), text)
                self.assertEqual(format_small_percent(self.env, ratio, digits), text)

    def test_whole_amounts_have_no_cents(self):
        currencies = {code: self.env.ref(f"base.{code}") for code in ("EUR", "JPY")}
        for code, currency, amount, text in (
            ("en_US", "EUR", 14800, "14,800\u00a0€"),
            ("en_US", "EUR", 14800.004, "14,800\u00a0€"),
            ("en_US", "EUR", 14800.5, "14,800.50\u00a0€"),
            ("de_DE", "EUR", 14799.999, "14.800\u00a0€"),
            ("de_DE", "EUR", -0.25, "-0,25\u00a0€"),
            ("en_US", "JPY", 5000, "¥\u00a05,000"),
        ):
            with self.subTest(code=code, amount=amount):
                env = self._reader(code)
                written = format_amount_briefly(env, amount, currencies[currency])
                self.assertEqual(written, text)

    def test_a_little_is_not_nothing(self):
        for ratio, digits, text in (
            (0.00009, 0, "less than 1%"),
            (0.0004, 1, "less than 0.1%"),
            (0.0006, 1, "0.1%"),
            (0.01, 0, "1%"),
        ):
            with self.subTest(ratio):
                found = format_small_percent(self.env, ratio, digits)
                self.assertEqual(found, text)
