from odoo.tests import BaseCase

from . import common

NAMES = [f"screen {number}" for number in range(3000)]


class TestSamples(BaseCase):
    """What is tried in the default run is the same on every day and machine."""

    def setUp(self):
        super().setUp()
        self.patch(common, "LONG", False)

    def test_a_sample_holds_its_share_of_the_names(self):
        for share in (2, 3, 10):
            sample = [name for name in NAMES if common.is_in_sample(name, share)]
            self.assertAlmostEqual(len(sample) / len(NAMES), 1 / share, delta=0.03)

    def test_the_same_names_are_chosen_in_each_process(self):
        # sha256("a") ends with …bb, sha256("b") with …9d, sha256("c") with …e6.
        chosen = [name for name in "abc" if common.is_in_sample(name, 2)]
        self.assertEqual(chosen, ["c"])

    def test_some_values_are_chosen_by_the_name_they_are_tried_for(self):
        values = range(10)
        tried = [common.some_of(values, name, 4) for name in NAMES[:50]]
        self.assertEqual(set().union(*tried), set(values))
        self.assertLessEqual({len(each) for each in tried}, {2, 3})
        self.assertEqual(len(common.some_of(values, "one", 100)), 1)
        self.assertEqual(list(common.some_of([], "none", 4)), [])

    def test_long_tests_leave_nothing_out(self):
        self.patch(common, "LONG", True)
        self.assertTrue(all(map(common.is_in_sample, NAMES)))
        self.assertEqual(common.some_of(NAMES, "all", 10), NAMES)
