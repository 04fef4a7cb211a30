from odoo.exceptions import UserError
from odoo.tests import tagged

from .dashboard_case import DashboardCase

KINDS = ("line", "area", "bar")


@tagged("post_install", "-at_install")
class TestKpiDashboardPeriods(DashboardCase):
    """Which periods a dashboard shows, and what it says where they hold nothing."""

    def _periods(self, dashboard, **options):
        answer = self._data(dashboard, **options)
        return answer["periods"], answer["tiles"]

    def test_from_the_latest_one_steps_to_the_month_before(self):
        dashboard = self._dashboard(self._tile("card", self.revenue))
        shown, (tile,) = self._periods(dashboard)
        self.assertEqual(shown["label"], "Latest")
        self.assertEqual(tile["kpi"]["value"], 90)
        self.assertEqual((shown["previous"], shown["next"]), ("2026-01-31", None))
        shown, (tile,) = self._periods(dashboard, start=shown["previous"])
        self.assertEqual((shown["label"], tile["kpi"]["value"]), ("Jan 2026", 120))
        self.assertEqual(
            (shown["previous"], shown["next"]), ("2025-12-31", "2026-02-28")
        )
        shown, _tiles = self._periods(dashboard, start="2026-02-28")
        self.assertEqual(shown["next"], "2026-03-11")  # today
        shown, _tiles = self._periods(dashboard, start="2026-03-11")
        self.assertEqual(shown["next"], None)

    def test_periods_of_a_grain_are_stepped_by_their_first_days(self):
        dashboard = self._dashboard(self._tile("card", self.revenue))
        shown, _tiles = self._periods(dashboard, grain="quarter")
        self.assertEqual((shown["previous"], shown["grain"]), ("2025-10-01", "quarter"))

    def test_charts_go_back_as_far_as_is_asked(self):
        dashboard = self._dashboard(self._tile("line", self.revenue, periods=6))
        for asked, count in ((None, 6), (3, 3), (24, 24)):
            _shown, (tile,) = self._periods(dashboard, periods=asked)
            self.assertEqual(len(tile["chart"]["categories"]), count)
        for wrong in (0, 61, "6", True):
            with self.assertRaisesRegex(UserError, "periods"):
                self._periods(dashboard, periods=wrong)

    def test_no_line_falls_to_0_on_the_first_day_of_a_period(self):
        board = self._dashboard(*(self._tile(kind, self.revenue) for kind in KINDS))
        for day, value, line in ((1, 0, None), (1, 3, 3), (2, 0, 0)):
            with (
                self.subTest(day=day, value=value),
                self._at(f"2026-03-0{day} 12:00:00"),
            ):
                self._fill(self.revenue, {"2026-03": value})
                tiles = self._read(board, start=f"2026-03-0{day}")["tiles"]
                shown = [tile["chart"]["series"][0]["values"][-1] for tile in tiles]
                self.assertEqual(shown, [line, line, value])

    def test_a_period_that_begins_today_gives_way_to_the_one_before(self):
        self._fill(self.revenue, {"2026-02": 90, "2026-03": 0})
        board = self._dashboard(self._tile("card", self.revenue))
        for grain, label in (("", "Latest"), ("month", "Feb 2026")):
            with self.subTest(grain=grain), self._at("2026-03-01 12:00:00"):
                shown = self._read(board, grain=grain)
                self.assertEqual(shown["tiles"][0]["kpi"]["value"], 90)
                self.assertEqual(shown["periods"]["label"], label)
                self.assertEqual(shown["periods"]["next"], "2026-03-01")
                shown = self._read(board, grain=grain, start="2026-03-01")
                self.assertEqual(shown["tiles"][0]["kpi"]["value"], 0)
                self.assertEqual(shown["periods"]["label"], "Mar 2026")
            with self.subTest(grain=grain), self._at("2026-03-02 12:00:00"):
                shown = self._read(board, grain=grain)
                self.assertEqual(shown["tiles"][0]["kpi"]["value"], 0)

    def test_the_first_period_of_all_is_shown_from_its_first_day(self):
        first = self._entered("First", {"2026-03": 7})
        board = self._dashboard(self._tile("card", first))
        with self._at("2026-03-01 12:00:00"):
            (tile,) = self._read(board, grain="month")["tiles"]
        self.assertEqual(tile["kpi"]["value"], 7)

    def _read(self, board, **options):
        return self._as(self.officer, board).data(options)

    def test_what_has_no_value_offers_to_enter_one(self):
        empty = self._entered("Empty", {})
        (tile,) = self._shown(self._tile("card", empty))
        self.assertEqual(tile["state"], "no_data")
        self.assertEqual(tile["way"]["text"], "Enter Value")

    def test_what_counts_records_shows_them_or_offers_the_first_one(self):
        tags = self.env["res.partner.category"]
        tags.search([]).unlink()
        self.officer.group_ids |= self.env.ref("base.group_partner_manager")
        new = {"text": "Create Record", "model": tags._name, "is_new": True}
        for model, way in (
            ("res.partner", {"text": "Show Records", "model": "res.partner"}),
            (tags._name, new),
        ):
            tracked = self._track(self._count(model), self.company)
            for tile in self._shown(
                self._tile("card", tracked), self._tile("line", tracked)
            ):
                self.assertEqual((tile["state"], tile.get("way")), ("no_data", way))
        self.assertIn("no records to count yet", tile["message"])

    def test_all_that_is_counted_is_looked_at_by_one_statement(self):
        tiles = [
            self._tile("card", self._track(self._count(model), self.company))
            for model in ("res.partner", "res.partner.category", "res.country")
        ]
        one, all_ = (
            self._count_statements(self._dashboard(*some), self.officer)
            for some in (tiles[:1], tiles)
        )
        self.assertEqual(one, all_)

    def _count(self, model):
        return self.env["kpi.definition"].create(
            {
                "name": model,
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "computation": "records",
                "model_name": model,
                "date_field": "create_date",
            }
        )
