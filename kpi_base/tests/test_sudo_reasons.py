from odoo.tests import BaseCase

from .sudo_reasons import SudoReasonsMixin, without_reason


class TestSudoReasons(SudoReasonsMixin, BaseCase):
    addon = "kpi_base"

    def test_the_check_itself(self):
        cases = (
            ("a = b.sudo().c", [1]),
            ("# because\na = b.sudo().c", []),
            ("a = b.sudo().c  # because", []),
            ("# because\na = (\n    b\n    .sudo()\n    .c\n)", []),
            ("a = (\n    b\n    .sudo()\n    .c\n)", [1]),
            ("# because\na = 1\nb = c.sudo()", [3]),
            ("for a in b.sudo():\n    # not that\n    c = a", [1]),
            ("# because\nfor a in b.sudo():\n    c = a", []),
            ("def f():\n    # because\n    return self.with_user(1)", []),
            ("def f():\n    return self._search([], bypass_access=True)", [2]),
            ("a = b.sudo(False)", []),  # takes on rights, leaves none
        )
        for source, expected in cases:
            with self.subTest(source=source):
                found = [number for number, _text in without_reason(source)]
                self.assertEqual(found, expected)
