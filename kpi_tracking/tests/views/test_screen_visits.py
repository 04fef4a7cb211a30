from odoo.tests import TransactionCase, new_test_user

from odoo.addons.kpi_base.tests import common

from .screen_visits import ScreenVisits

SCREENS = [(f"screen_{letter}", "list", ".o_list_view") for letter in "abcdefghijkl"]


class TestScreenVisits(ScreenVisits, TransactionCase):
    """Screens that the default run opens, and how."""

    touch_enabled = False

    def setUp(self):
        super().setUp()
        self.patch(common, "LONG", False)
        self.visited = []
        new_test_user(self.env, login="visitor")

    def browser_js(self, _path, code, **_options):
        """Take the names of the screens that would be opened."""
        self.visited = [
            name for name, _, _ in SCREENS if f'"kpi_tracking.{name}"' in code
        ]

    def _open(self, screens=SCREENS):
        self._visit(screens, "visitor", "/odoo", ".o_action_manager")
        return self.visited

    def test_screens_are_opened_in_samples_that_stay(self):
        sample = self._open()
        self.assertIn(len(sample), range(3, 10))
        self.assertEqual(self._open(), sample)
        self.is_dark = True
        sample = self._open()
        self.assertIn(len(sample), range(1, 8))
        self.is_dark, self.touch_enabled = False, True
        self.assertEqual(self._open(), sample)
        self.touch_enabled = False
        self.env["res.lang"]._activate_lang("ar_001")
        user = self.env["res.users"].search([("login", "=", "visitor")])
        user.lang = "ar_001"
        self.assertEqual(self._open(), sample)

    def test_long_tests_open_all_of_them(self):
        self.patch(common, "LONG", True)
        for self.is_dark in (False, True):
            self.assertEqual(len(self._open()), len(SCREENS))

    def test_one_is_opened_where_none_is_in_the_sample(self):
        self.is_dark = True
        sample = self._open()
        others = [screen for screen in SCREENS if screen[0] not in sample]
        self.assertEqual(self._open(others), [others[0][0]])

    def test_the_number_of_a_record_does_not_choose(self):
        names = set()
        for number in range(20):
            form = (f"test_kpi_report_{number}", "form", ".o_form_view")
            chosen = self._choose_screens([("other", "list", ".o_list_view"), form], 3)
            names.add(chosen[-1][0].rstrip("0123456789"))
        self.assertEqual(len(names), 1)
