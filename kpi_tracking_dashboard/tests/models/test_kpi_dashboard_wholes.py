from odoo.tests import tagged

from ...models.tile.kpi_dashboard_tile_cards import MOST_COLOURS
from .dashboard_case import DashboardCase


@tagged("post_install", "-at_install")
class TestKpiDashboardWholes(DashboardCase):
    """Parts beside each other: none is counted twice, none is forgotten."""

    def _departments(self, values, **definition):
        """A KPI of the company's departments: department → value of February."""
        kpi = self._entered("Orders", {"2026-02": 100}, **definition)
        for department, value in values.items():
            tracked = self._track(kpi.definition_id, department)
            self._fill(tracked, {"2026-01": 10, "2026-02": value})
        return kpi

    def _rows(self, tile):
        return [(row["name"], row["value"]) for row in tile["parts"]["rows"]]

    def test_a_department_is_not_counted_in_those_above_too(self):
        west = self._create_department("West", self.sales)
        far = self._create_department("Far East", self.east)
        kpi = self._departments({self.sales: 100, self.east: 60, west: 25, far: 60})
        pie, doughnut, waterfall = self._shown(
            *(
                self._tile(kind, kpi, scope_mode="each")
                for kind in ("pie", "doughnut", "waterfall")
            )
        )
        # 100 of Sales are 60 of East, all of them in Far East, 25 of West and 15
        expected = [("Far East", 60), ("West", 25), ("Other in Sales", 15)]
        for tile in (pie, doughnut):
            self.assertEqual(self._rows(tile), expected)
            self.assertEqual(tile["parts"]["total"], 100)
        self.assertEqual(self._rows(waterfall), [*expected, ("Total", 100)])

    def test_stacked_departments_are_as_high_as_their_sum(self):
        kpi = self._departments({self.sales: 100, self.east: 60})
        stacked, line = self._shown(
            *(
                self._tile(kind, kpi, scope_mode="each", periods=2)
                for kind in ("stacked", "line")
            )
        )
        series = {each["name"]: each["values"] for each in stacked["chart"]["series"]}
        # in January East has all of the 10 of Sales
        self.assertEqual(series, {"Other in Sales": [None, 40], "East": [10, 60]})
        lines = {each["name"]: each["values"] for each in line["chart"]["series"]}
        self.assertEqual(lines, {"Sales": [10, 100], "East": [10, 60]})

    def test_what_does_not_add_up_stays_beside_each_other(self):
        kpi = self._departments(
            {self.sales: 80, self.east: 90}, unit="percent", aggregation_scope="average"
        )
        (tile,) = self._shown(self._tile("doughnut", kpi, scope_mode="each"))
        self.assertEqual(self._rows(tile), [("East", 90), ("Sales", 80)])

    def test_more_parts_than_are_shown_are_one(self):
        people = [self._create_user(f"person {place}") for place in range(15)]
        kpi = self._entered("Calls", {"2026-02": 120})
        for place, person in enumerate(people, start=1):
            self._fill(self._track(kpi.definition_id, person), {"2026-02": place})
        each = {"scope_mode": "each", "scope_type": "user"}
        pie, funnel = self._shown(
            *(self._tile(kind, kpi, **each) for kind in ("pie", "funnel"))
        )
        self.assertEqual(len(pie["parts"]["rows"]), MOST_COLOURS)
        # 1 to 9 are left of 1 to 15; no two parts have one colour
        self.assertEqual(self._rows(pie)[-1], ("Other", 45))
        self.assertEqual(pie["parts"]["total"], 120)
        self.assertEqual(pie["parts"]["rows"][0]["share"], 15 / 120)
        self.assertEqual(funnel["message"], "Showing 12 of 15.")

    def test_one_axis_has_one_unit(self):
        share = self._entered("Share", {"2026-02": 40}, unit="percent")
        for kind in ("line", "bar", "area", "stacked"):
            (tile,) = self._shown(self._tile(kind, self.revenue, share))
            names = [each["name"] for each in tile["chart"]["series"]]
            with self.subTest(kind=kind):
                self.assertEqual(names, ["Revenue"])
                self.assertEqual(tile["message"], "Not shown (different unit): Share")
        (table,) = self._shown(self._tile("table", self.revenue, share))
        self.assertEqual(len(table["chart"]["series"]), 2)

    def test_a_tile_for_one_number_says_whose_it_is(self):
        for department, value in ((self.sales, 50), (self.east, 30)):
            tracked = self._track(self.revenue.definition_id, department)
            self._fill(tracked, {"2026-02": value})
        tiles = self._shown(
            self._tile("card", self.revenue, scope_mode="each"),
            self._tile("card", self.revenue, self.complaints),
            self._tile("card", self.revenue),
        )
        self.assertEqual(
            [tile["message"] for tile in tiles],
            [
                "Showing Sales, the first of 2 KPIs.",
                "Showing Revenue, the first of 2 KPIs.",
                "",
            ],
        )

    def test_kpis_below_each_other_are_told_apart(self):
        card = self.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_comparison")
        several = self._tile("card", self.complaints, self.revenue, card_id=card.id)
        (tile,) = self._shown(several)
        rows = [row["label"] for row in tile["card"]["rows"]]
        self.assertEqual(rows, ["Complaints", "Revenue"])
        self.assertFalse(tile["card"]["is_ranked"])

    def test_a_note_is_a_mark_on_a_waterfall_of_periods(self):
        self.env["kpi.annotation"].create(
            {"report_id": self.revenue.id, "date": "2026-01-20", "text": "Fair"}
        )
        # nothing is known of December, so that January comes first
        (tile,) = self._shown(self._tile("waterfall", self.revenue, periods=3))
        self.assertEqual([note["place"] for note in tile["notes"]], [0])

    def test_numbers_are_compared_with_what_is_chosen(self):
        usual = self.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_metric")
        trend = self.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_trend")
        alone = usual.copy({"show_previous": False})
        dashboard = self._dashboard(
            *(
                self._tile("card", self.revenue, card_id=card.id)
                for card in (usual, trend, alone)
            ),
            self._tile("radar", self.revenue, self.complaints),
        )
        for comparison, cards, radar in (
            (
                "previous",
                [["previous", "target"], ["previous", "year", "target"], ["target"]],
                [[90, 133.33], [120, 100]],
            ),
            (
                "year",
                [["year", "target"], ["year", "target"], ["target"]],
                [[90, 133.33], [100, 100]],
            ),
            ("none", [["target"], ["target"], ["target"]], [[90, 133.33]]),
        ):
            *tiles, chart = self._data(dashboard, comparison=comparison)["tiles"]
            with self.subTest(comparison=comparison):
                shown = [tile["card"]["comparisons"] for tile in tiles]
                self.assertEqual(shown, cards)
                values = [each["values"] for each in chart["chart"]["series"]]
                self.assertEqual(len(values), len(radar))
                for found, expected in zip(values, radar, strict=True):
                    self.assertAlmostEqual(found[0], expected[0], 2)
