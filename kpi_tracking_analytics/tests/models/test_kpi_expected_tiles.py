import io
import json

from openpyxl import load_workbook

from odoo.tests import tagged

from odoo.addons.kpi_tracking_dashboard.tests.models.dashboard_case import (
    NOW,
    DashboardCase,
)

from .analysis_case import AnalysisCase, months, seasonal

KINDS = ("line", "area", "card")


@tagged("post_install", "-at_install")
class TestKpiExpectedTiles(DashboardCase, AnalysisCase):
    """Tiles that go on with what is expected: what is stored, and no more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls._entered(
            "Orders", months(seasonal()), target=130, aggregation_time="sum"
        )
        cls.visits = cls._entered("Visits", months(seasonal(level=40.0)))

    def _going_on(self, kind="line", *kpis, **values):
        kpis = kpis or (self.orders,)
        return self._tile(kind, *kpis, show_expected=True, **values)

    def _expected(self, report):
        """Values of stored forecasts and their limits, from March on."""
        return [
            (point.value, point.low_80, point.high_80) for point in self._latest(report)
        ]

    def _rows(self, expected):
        names = ("values", "lows", "highs")
        return [*zip(*(expected[name] for name in names), strict=True)]

    def test_a_line_goes_on_with_the_stored_numbers(self):
        self._analyse(self.orders)
        stored = self._expected(self.orders)
        for kind in ("line", "area"):
            with self.subTest(kind=kind):
                (tile,) = self._shown(self._going_on(kind, periods=12))
                chart = tile["chart"]
                (series,) = chart["series"]
                self.assertEqual(chart["starts"][-1], "2026-02-01")
                self.assertEqual(
                    chart["coming"]["starts"],
                    ["2026-03-01", "2026-04-01", "2026-05-01"],
                )
                rows = self._rows(series["expected"])
                self.assertEqual(rows, [(None, None, None), *stored[:3]])
                self.assertEqual(len(series["values"]), 12)

    def test_what_was_said_at_the_close_is_not_what_is_expected_now(self):
        self._analyse(self.orders)
        self.cr.execute("DELETE FROM kpi_predictive_point WHERE NOT is_latest")
        self.cr.execute("UPDATE kpi_predictive_point SET is_latest = FALSE")
        self.env.invalidate_all()
        self.assertEqual(self.points._read_expected(self.orders.ids), {})

    def test_the_running_period_ends_where_it_is_expected_to(self):
        self._fill(self.orders, {"2026-03": 60.0})
        self._analyse(self.orders)
        (tile,) = self._shown(self._going_on(periods=12))
        chart = tile["chart"]
        (series,) = chart["series"]
        self.assertTrue(chart["is_running"])
        self.assertEqual(series["values"][-1], 60)
        self.assertEqual(len(chart["coming"]["starts"]), 3)
        self.assertEqual(
            self._rows(series["expected"]), self._expected(self.orders)[:4]
        )

    def test_a_trend_card_goes_on_and_other_tiles_of_its_kpi_do_not(self):
        self._analyse(self.orders)
        cards = self._going_on("card"), self._tile("card", self.orders)
        gone_on, plain = (tile["kpi"]["sparkline"] for tile in self._shown(*cards))
        self.assertEqual(len(gone_on["coming"]["categories"]), 3)
        self.assertEqual(
            self._rows(gone_on["expected"])[1:], self._expected(self.orders)[:3]
        )
        self.assertEqual(gone_on["points"], plain["points"])
        self.assertNotIn("expected", plain)

    def test_few_periods_leave_room_for_the_running_and_the_next_one(self):
        self._analyse(self.orders)
        for shown, starts in (
            (3, ["2026-03-01", "2026-04-01"]),
            (20, [f"2026-0{month}-01" for month in range(3, 8)]),
        ):
            (tile,) = self._shown(self._going_on(periods=shown))
            self.assertEqual(tile["chart"]["coming"]["starts"], starts)

    def test_several_kpis_go_on_each_as_far_as_it_is_known(self):
        self._analyse(self.orders)
        (tile,) = self._shown(self._going_on("line", self.orders, self.visits))
        first, second = tile["chart"]["series"]
        self.assertEqual(
            self._rows(first["expected"])[1:], self._expected(self.orders)[:3]
        )
        self.assertIsNone(second["expected"])

    def test_what_is_not_forecast_is_a_plain_chart(self):
        self._analyse(self.orders)
        plain = {"periods": 12}
        for name, kind, kpi, options in (
            ("no forecast", "line", self.visits, {}),
            ("an earlier period", "line", self.orders, {"start": "2025-11-15"}),
            ("other periods", "line", self.orders, {"grain": "quarter"}),
            ("another chart", "bar", self.orders, {}),
        ):
            with self.subTest(name):
                tiles = (
                    self._going_on(kind, kpi, **plain),
                    self._tile(kind, kpi, **plain),
                )
                chosen, usual = self._shown(*tiles, **options)
                self.assertEqual({**chosen, "id": usual["id"]}, usual)

    def test_the_option_is_off_unless_chosen(self):
        self._analyse(self.orders)
        (tile,) = self._shown(self._tile("line", self.orders))
        self.assertNotIn("coming", tile["chart"])

    def test_values_that_are_very_late_lead_nowhere(self):
        late = self._entered("Late", months(seasonal(33)))
        self._analyse(late)
        self.assertTrue(self._latest(late))
        (tile,) = self._shown(self._going_on("line", late, periods=12))
        self.assertEqual(tile["chart"]["starts"][-1], "2025-09-01")
        self.assertNotIn("coming", tile["chart"])

    def test_what_changed_meanwhile_is_being_updated(self):
        self._analyse(self.orders)
        (tile,) = self._shown(self._going_on())
        self.assertFalse(tile["is_expected_stale"])
        self._fill(self.orders, {"2025-03": 700.0})
        tiles = self._going_on(), self._going_on("card")
        dashboard = self._dashboard(*tiles)
        answer = self._data(dashboard)
        for tile, drawn in zip(
            answer["tiles"],
            self._as(self.officer, dashboard)._drawings(answer),
            strict=True,
        ):
            self.assertTrue(tile["is_expected_stale"])
            self.assertEqual(drawn.footer, "Forecasts are being updated")

    def test_who_does_not_see_a_kpi_sees_nothing_expected_of_it(self):
        self._analyse(self.orders, self.visits)
        self.visits.shared_user_ids = self.user
        dashboard = self._dashboard(
            *(self._going_on(kind) for kind in KINDS),
            self._going_on("line", self.orders, self.visits),
        )
        answer = self._data(dashboard, self.user)
        (tile,) = answer["tiles"]
        (series,) = tile["chart"]["series"]
        self.assertEqual(series["report_id"], self.visits.id)
        self.assertEqual(
            self._rows(series["expected"])[1:], self._expected(self.visits)[:3]
        )
        secret = self._latest(self.orders)[0].value
        self.assertNotIn(str(secret), json.dumps(answer))
        points = self._as(self.user, self.points)
        read = points._read_expected((self.orders | self.visits).ids)
        self.assertEqual([*read], self.visits.ids)

    def test_one_statement_reads_what_is_expected_however_many_tiles(self):
        kpis = [self._entered(f"KPI {at}", months(seasonal())) for at in range(6)]
        for kpi in (*kpis, self.orders):
            kpi.shared_user_ids = self.user | self.manager
        self._analyse(self.orders, *kpis)
        plain = self._dashboard(*(self._tile(kind, self.orders) for kind in KINDS))
        few = self._dashboard(*(self._going_on(kind) for kind in KINDS))
        many = self._dashboard(
            *(self._going_on(kind, kpi) for kind in KINDS for kpi in kpis)
        )
        for user in (self.officer, self.manager, self.user):
            with self.subTest(user=user.name):
                count = self._count_statements(plain, user)
                self.assertEqual(self._count_statements(few, user), count + 1)
                self.assertEqual(self._count_statements(many, user), count + 1)

    def test_a_preview_goes_on_and_is_stored_so(self):
        self._analyse(self.orders)
        own = self._as(self.officer, self._dashboard(owner_id=self.officer.id))
        values = self._going_on(periods=12)
        with self._at(NOW):
            tile = own.preview(values)["tile"]
        self.assertEqual(len(tile["chart"]["coming"]["starts"]), 3)
        own.save_layout(own.revision, [], [{**values, "sequence": 1}])
        self.assertTrue(own.tile_ids.show_expected)

    def test_packs_drafts_and_versions_keep_the_choice(self):
        dashboard = self._dashboard(self._going_on(), self._tile("line", self.orders))
        section = self.env["kpi.pack.dashboards"]
        entry = section._entry_of(dashboard)
        self.assertEqual(
            [tile.get("show_expected") for tile in entry["tiles"]], [True, None]
        )
        packs = self.env["kpi.pack"].with_company(self.company)
        document = {"dashboards": [{**entry, "name": "Again"}]}
        imported = packs._import(document, self.company)["dashboards"]
        chosen = imported.tile_ids.sorted().mapped("show_expected")
        self.assertEqual(chosen, [True, False])
        self._check_versions(dashboard)

    def _check_versions(self, dashboard):
        own = self._as(self.officer, dashboard)
        draft = own.browse(own.start_draft())
        first, second = draft.tile_ids.sorted()
        self.assertTrue(first.show_expected)
        first.show_expected, second.show_expected = False, True
        draft.publish()
        tiles = dashboard.tile_ids.sorted()
        self.assertEqual(tiles.mapped("show_expected"), [False, True])
        before = own.env["kpi.dashboard.version"].search(
            [("dashboard_id", "=", dashboard.id)]
        )[-1]
        restored = own.browse(before.restore()["dashboard_id"])
        self.assertEqual(
            restored.tile_ids.sorted().mapped("show_expected"), [True, False]
        )

    def test_files_list_what_is_expected_as_such(self):
        self._fill(self.orders, {"2026-03": 60.0})
        self._analyse(self.orders)
        dashboard = self._dashboard(
            self._going_on(periods=12), self._going_on("card", name="Trend")
        )
        answer = self._data(dashboard)
        own = self._as(self.officer, dashboard)
        book = load_workbook(io.BytesIO(own._file("xlsx", answer)[1]))
        stored = self._expected(self.orders)[:4]
        for sheet in book:
            rows = [[cell.value for cell in row] for row in sheet]
            (at,) = (place for place, row in enumerate(rows) if "Low (80%)" in row)
            left = rows[at].index("Expected")
            table = [row[: left + 3] for row in rows[at + 1 :] if row[1] or row[left]]
            found = [tuple(row[left:]) for row in table if row[left] is not None]
            for row, known in zip(found, stored, strict=True):
                for number, wanted in zip(row, known, strict=True):
                    self.assertAlmostEqual(number, wanted)
            names = [row[0] for row in table[-3:]]
            self.assertTrue(all(name.endswith("(forecast)") for name in names), names)
            self.assertEqual([row[1] for row in table[-3:]], [None] * 3)

    def test_pictures_have_the_line_and_its_band(self):
        self._analyse(self.orders)
        dashboard = self._dashboard(self._going_on(), self._tile("line", self.orders))
        answer = self._data(dashboard)
        own = self._as(self.officer, dashboard)
        gone_on, plain = (tile.drawing().as_svg() for tile in own._drawings(answer))
        self.assertIn('stroke-dasharray="2 4"', gone_on)
        self.assertIn('opacity="0.13"', gone_on)
        self.assertIn(">Expected<", gone_on)
        self.assertNotIn('opacity="0.13"', plain)
