from odoo.tests import TransactionCase

from ..percent import format_percent


class TestPercent(TransactionCase):
    def test_as_the_reader_writes_numbers(self):
        self.assertEqual(format_percent(self.env, 0.125), "12.5\u202f%")
        self.assertEqual(format_percent(self.env, 0.5, digits=0), "50\u202f%")
        self.env["res.lang"]._activate_lang("de_DE")
        german = self.env(context={"lang": "de_DE"})
        self.assertEqual(format_percent(german, 0.125), "12,5\u202f%")
