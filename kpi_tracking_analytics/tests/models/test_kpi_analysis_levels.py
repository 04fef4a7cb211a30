from datetime import date

from odoo.tests import tagged

from ...models.kpi_job import CHUNK, _cut
from .analysis_case import NOW, SEASON, AnalysisCase, months

COUNT = 38


def course(level, slope, swing):
    return [
        level + slope * at + swing * SEASON[at % 12] + (at * 7919 % 11 - 5)
        for at in range(COUNT)
    ]


@tagged("post_install", "-at_install")
class TestKpiAnalysisLevels(AnalysisCase):
    """Forecasts of departments and people add up to that of what they are in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.support = cls._create_department("Support")
        own = {"aggregation_scope": "sum", "aggregation_time": "sum"}
        cls.whole = cls._entered("Orders", {}, **own)
        definition = cls.whole.definition_id
        cls.in_sales, cls.in_support, cls.in_east, cls.of_user = cls._track(
            definition, cls.sales, cls.support, cls.east, cls.user
        )
        cls.nested = cls.in_sales | cls.in_support | cls.in_east | cls.of_user
        of_user, rest = course(40, 1, 0.5), course(60, -0.4, 2)
        of_support, of_sales = course(90, 0.3, -1), course(30, 2, 1)
        east = [sum(pair) for pair in zip(of_user, rest, strict=True)]
        sales = [sum(pair) for pair in zip(east, of_sales, strict=True)]
        whole = [sum(pair) for pair in zip(sales, of_support, strict=True)]
        for report, values in (
            (cls.of_user, of_user),
            (cls.in_east, east),
            (cls.in_sales, sales),
            (cls.in_support, of_support),
            (cls.whole, whole),
        ):
            cls._fill(report, months(values))
        cls.all = cls.whole | cls.nested
        cls.env["kpi.membership"]._refresh()

    def _expected(self, report):
        return self._latest(report).mapped("value")

    def _check_whole(self):
        parts = zip(
            self._expected(self.in_sales), self._expected(self.in_support), strict=True
        )
        whole = self._expected(self.whole)
        self.assertGreater(len(whole), 10)
        for (one, other), value in zip(parts, whole, strict=True):
            self.assertAlmostEqual(one + other, value, delta=1e-9 * value)

    def test_parts_make_their_parent(self):
        self._analyse(self.whole)
        self._analyse(self.in_sales)
        self._analyse(self.in_support)
        alone = self._expected(self.whole)
        apart = [
            sum(pair)
            for pair in zip(
                self._expected(self.in_sales),
                self._expected(self.in_support),
                strict=True,
            )
        ]
        self.assertGreater(
            max(abs(a - b) for a, b in zip(alone, apart, strict=True)), 0.01
        )
        self._analyse(self.all)
        self._check_whole()

    def test_with_one_all_that_add_up_are_due(self):
        self._analyse(self.all)
        before = self._expected(self.whole)
        self._fill(self.in_support, {"2025-06": 10.0})
        with self._at(NOW):
            due = self.analytics._list_due()
            self.assertLessEqual(set(self.all.ids), set(self.analytics._find_due()))
        self.assertIn((sorted(self.all.ids), True), due)
        self._analyse(self.all)
        self.assertNotEqual(self._expected(self.whole), before)

    def test_a_running_period_that_has_begun_adds_up_too(self):
        for report, value in (
            (self.of_user, 10.0),
            (self.in_east, 30.0),
            (self.in_sales, 45.0),
            (self.in_support, 20.0),
            (self.whole, 65.0),
        ):
            self._fill(report, {"2026-03": value})
        self._analyse(self.all)
        self._check_whole()

    def test_levels_are_the_widest_first(self):
        levels = self.all._find_levels()
        ids = self.all.ids
        found = [
            {
                (ids[part], ids[parent])
                for part, parent in zip(level.parts, level.parents, strict=True)
            }
            for level in levels
        ]
        expected = [
            {
                (self.in_sales.id, self.whole.id),
                (self.in_support.id, self.whole.id),
            },
            {(self.in_east.id, self.in_sales.id)},
            {(self.of_user.id, self.in_east.id)},
        ]
        self.assertEqual(found, expected)

    def test_a_parent_of_which_a_part_is_missing_is_left_out(self):
        levels = (self.all - self.in_support)._find_levels()
        self.assertEqual([len(level.parts) for level in levels], [1, 1])

    def test_values_that_are_not_summed_have_no_levels(self):
        self.whole.definition_id.aggregation_scope = "average"
        self.assertEqual(self.all._find_levels(), [])
        self._analyse(self.all)
        self._fill(self.in_support, {"2025-06": 500.0})
        with self._at(NOW):
            due = dict((tuple(ids), whole) for ids, whole in self.analytics._list_due())
        self.assertIs(due[tuple(self.in_support.ids)], False)

    def test_teams_are_no_level(self):
        team = self.env["kpi.team"].create(
            {
                "name": "Task force",
                "company_id": self.company.id,
                "member_ids": [
                    (0, 0, {"user_id": self.user.id, "date_from": date(2020, 1, 1)})
                ],
            }
        )
        (in_team,) = self._track(self.whole.definition_id, team)
        levels = (self.all | in_team)._find_levels()
        self.assertEqual(sum(len(level.parts) for level in levels), 4)

    def test_chunks_keep_together_what_adds_up(self):
        ids = list(range(3 * CHUNK))
        whole, large, single = ids[:5], ids[5 : CHUNK + 9], ids[CHUNK + 9 :]
        chunks = list(_cut([(whole, True), (large, True), (single, False)]))
        self.assertEqual([each for chunk in chunks for each in chunk], ids)
        self.assertEqual(chunks[:2], [whole, large])
        self.assertLessEqual(max(map(len, chunks[2:])), CHUNK)
