from odoo.tests import TransactionCase

from ..percent import format_percent, format_significant, say_percent


class TestPercent(TransactionCase):
    def test_as_the_reader_writes_numbers(self):
        self.assertEqual(format_percent(self.env, 0.125), "12.5\u202f%")
        self.assertEqual(format_percent(self.env, 0.5, digits=0), "50\u202f%")
        self.env["res.lang"]._activate_lang("de_DE")
        german = self.env(context={"lang": "de_DE"})
        self.assertEqual(format_percent(german, 0.125), "12,5\u202f%")

    def test_digits_that_say_nothing_are_left_out(self):
        self.env["res.lang"]._activate_lang("de_DE")
        german = self.env(context={"lang": "de_DE"})
        for number, digits, text in (
            (1.5, 3, "1,5"),
            (2.0, 3, "2"),
            (0.05, 3, "0,05"),
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
            (-0.0004, 1, "0.0"),
            (-0.004, 0, "0"),
            (-0.0006, 1, "-0.1"),
            (0.0, 0, "0"),
        ):
            with self.subTest(ratio):
                said = f"{text}\u202f%"
                self.assertEqual(format_percent(self.env, ratio, digits), said)
                self.assertEqual(say_percent(self.env, ratio, digits), said)

    def test_a_little_is_not_nothing(self):
        for ratio, digits, text in (
            (0.00009, 0, "less than 1"),
            (0.0004, 1, "less than 0.1"),
            (0.0006, 1, "0.1"),
            (0.01, 0, "1"),
        ):
            with self.subTest(ratio):
                said = say_percent(self.env, ratio, digits)
                self.assertEqual(said, f"{text}\u202f%")
