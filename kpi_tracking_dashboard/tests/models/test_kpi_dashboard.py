import json
from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .dashboard_case import NOW, DashboardCase

MALFORMED = (
    ("grain", "fortnight"),
    ("grain", 3),
    ("start", "yesterday"),
    ("start", "1066-10-14"),
    ("start", ["2026-01-01"]),
    ("comparison", "budget"),
    ("scope", "company"),
    ("scope", {"type": "planet", "id": 1}),
    ("scope", {"type": "company", "id": "1"}),
    ("scope", {"type": "company"}),
    ("cross", {"breakdown": 1, "key": "x"}),
    ("cross", "x"),
    ("tile_ids", "all"),
    ("tile_ids", [True]),
    ("colour", "red"),
)


@tagged("post_install", "-at_install")
class TestKpiDashboard(DashboardCase):
    """What tiles show, beside numbers worked out by hand."""

    def test_a_card_has_the_value_and_what_it_is_compared_with(self):
        (tile,) = self._shown(self._tile("card", self.revenue))
        kpi = tile["kpi"]
        shown = {
            name: kpi[name]
            for name in (
                "value", "previous", "year_before", "target", "status", "achievement"
            )
        }  # fmt: skip
        self.assertEqual(
            shown,
            {
                "value": 90,
                "previous": 120,
                "year_before": 100,
                "target": 100,
                "status": "at_risk",
                "achievement": 90,
            },
        )
        self.assertEqual(kpi["period"]["start"], "2026-02-01")
        self.assertFalse(kpi["is_running"])
        self.assertEqual(tile["title"], "Revenue")

    def test_a_chart_of_one_kpi_says_what_there_is_to_see(self):
        line, bar, both, table, card = self._shown(
            self._tile("line", self.revenue),
            self._tile("bar", self.revenue, name="Money", periods=2),
            self._tile("line", self.revenue, self.complaints),
            self._tile("table", self.revenue),
            self._tile("card", self.revenue),
        )
        missed = "Feb 2026 missed its target by 10%"
        self.assertEqual((line["title"], line["finding"]), ("Revenue", missed))
        self.assertEqual((bar["title"], bar["finding"]), ("Money", missed))
        with self._at(NOW):
            self.assertEqual(self.revenue.finding, missed)
        for tile in (both, table, card):
            self.assertFalse(tile.get("finding"))
        # the period asked for, and others than the KPI's own
        (past,) = self._shown(self._tile("line", self.revenue), start="2026-01-01")
        self.assertEqual(past["finding"], "Jan 2026 beat its target by 20%")
        (quarter,) = self._shown(self._tile("line", self.revenue), grain="quarter")
        self.assertFalse(quarter["finding"])

    def test_every_kind_of_tile_is_drawn_by_a_method(self):
        tiles = self.env["kpi.dashboard.tile"]
        for kind in tiles._fields["kind"].get_values(self.env):
            self.assertTrue(hasattr(tiles, f"_body_{kind}"), kind)

    def test_a_kind_without_a_method_says_so_and_leaves_the_others(self):
        card = self._tile("card", self.revenue)
        odd = self._tile("text", text="<p>Words</p>")
        tiles = type(self.env["kpi.dashboard.tile"])
        with patch.object(tiles, "_body_text", None):
            shown = self._shown(card, odd)
        self.assertEqual([tile["state"] for tile in shown], ["ok", "error"])
        self.assertEqual(shown[1]["message"], "This tile type is not installed.")

    def test_the_year_before_is_compared_with(self):
        (tile,) = self._shown(self._tile("card", self.revenue), comparison="year")
        self.assertEqual(tile["card"]["comparisons"][0], "year")
        self.assertEqual(tile["kpi"]["year_before"], 100)

    def test_a_card_and_its_kpi_say_the_same(self):
        (tile,) = self._shown(self._tile("gauge", self.revenue))
        with self._at("2026-03-11 12:00:00"):
            self.revenue.invalidate_recordset()
            gauge, sparkline = self.revenue.gauge, self.revenue.sparkline
            self.assertEqual(tile["kpi"]["value"], self.revenue.current_value)
            self.assertEqual(tile["kpi"]["status"], self.revenue.status)
            self.assertEqual(tile["kpi"]["achievement"], self.revenue.achievement)
        self.assertEqual(tile["gauge"], {**gauge, "previous": 120})
        self.assertEqual(tile["kpi"]["sparkline"], sparkline)

    def test_a_correction_of_a_closed_period_is_shown(self):
        """February was judged with 90 when it closed; it is 110 now, of 100."""
        with self._at(NOW):
            self._fill(self.revenue, {"2026-02": 110})
            kept = self.env["kpi.target.value"].search(
                [
                    ("report_id", "=", self.revenue.id),
                    ("period_start", "=", "2026-02-01"),
                ]
            )
            self.assertEqual((kept.rated_value, kept.status), (90, "at_risk"))
            self.assertEqual(self.revenue.current_value, 110)
            # what is kept of the target holds
            self.revenue.target_ids.value = 1000
        card, line, quarter = (
            self._shown(self._tile(kind, self.revenue, periods=2), **options)[0]
            for kind, options in (
                ("card", {}),
                ("line", {}),
                ("card", {"grain": "quarter", "start": "2026-02-01"}),
            )
        )
        shown = [card["kpi"][name] for name in ("value", "target", "status")]
        self.assertEqual(shown, [110, 100, "on_target"])
        (series,) = line["chart"]["series"]
        self.assertEqual(series["values"], [120, 110])
        self.assertEqual(series["statuses"], ["on_target", "on_target"])
        self.assertEqual(quarter["kpi"]["value"], 230)

    def test_a_chosen_period(self):
        (tile,) = self._shown(
            self._tile("card", self.revenue), grain="quarter", start="2026-02-14"
        )
        # 120 and 90 of 300, of which 69 of 90 days are over
        self.assertEqual(tile["kpi"]["value"], 210)
        self.assertEqual(tile["kpi"]["whole"], 300)
        self.assertAlmostEqual(tile["kpi"]["target"], 300 * 69 / 90)
        self.assertTrue(tile["kpi"]["is_running"])

    def test_periods_step_on_and_never_into_the_future(self):
        dashboard = self._dashboard(self._tile("card", self.revenue))
        now = self._data(dashboard, grain="month")["periods"]
        self.assertEqual(now["previous"], "2026-02-01")
        self.assertIsNone(now["next"])
        before = self._data(dashboard, grain="month", start=now["previous"])["periods"]
        self.assertEqual(before["next"], "2026-03-01")
        later = self._data(dashboard, grain="month", start="2030-01-01")
        self.assertEqual(later["options"]["start"], "2026-03-11")

    def test_a_chart_ends_with_the_period_shown(self):
        (tile,) = self._shown(self._tile("line", self.revenue, periods=3))
        chart = tile["chart"]
        self.assertEqual(chart["starts"], ["2025-12-01", "2026-01-01", "2026-02-01"])
        (series,) = chart["series"]
        self.assertEqual(series["values"], [None, 120, 90])
        self.assertEqual(series["targets"], [100, 100, 100])
        self.assertEqual(series["statuses"], ["no_data", "on_target", "at_risk"])

    def test_kpis_come_in_the_order_of_their_tile(self):
        tile = self._tile("bar", self.complaints, self.revenue)
        (shown,) = self._shown(tile)
        names = [series["name"] for series in shown["chart"]["series"]]
        self.assertEqual(names, ["Complaints", "Revenue"])

    def test_other_periods_are_said(self):
        (tile,) = self._shown(self._tile("card", self.revenue), grain="week")
        self.assertEqual(tile["state"], "error")
        self.assertEqual(tile["message"], "Not shown (different periods): monthly.")

    def test_no_value_is_said(self):
        (tile,) = self._shown(
            self._tile("gauge", self.revenue), grain="month", start="2025-06-01"
        )
        self.assertEqual(tile["state"], "no_data")
        self.assertEqual(tile["message"], "No value for Jun 2025.")
        self.assertIsNone(tile["kpi"]["value"])

    def test_a_kpi_without_target_has_no_gauge(self):
        kpi = self._entered("Visits", {"2026-02": 1e300})
        (tile,) = self._shown(self._tile("gauge", kpi))
        self.assertFalse(tile["gauge"])
        self.assertEqual(tile["kpi"]["status"], "no_target")

    def test_extreme_numbers_are_json(self):
        for name, values in (
            ("Huge", {"2026-01": 1e300, "2026-02": -1e300}),
            ("Tiny", {"2026-01": 5e-324, "2026-02": 1e-320}),
        ):
            kpi = self._entered(name, values, target=1e-300)
            tiles = self._shown(
                *(
                    self._tile(kind, kpi)
                    for kind in ("card", "gauge", "line", "table", "radar", "waterfall")
                )
            )
            json.dumps(tiles, allow_nan=False)

    def test_what_a_viewer_may_not_see_says_neither_name_nor_number(self):
        hidden = self._entered("Secret Plan", {"2026-02": 987654})
        archived = self._entered("Old Plan", {"2026-02": 987654})
        archived.definition_id.active = False
        dashboard = self._dashboard(
            self._tile("card", hidden, name="Secret Plan of all"),
            self._tile("line", hidden),
            self._tile("gauge", scope_mode="fixed", report_ids=hidden.ids),
            self._tile("pie", hidden, scope_mode="each", scope_type="company"),
            self._tile("table", archived),
        )
        answer = self._data(dashboard, self.user)
        self.assertEqual(answer["tiles"], [])
        self.assertEqual(answer["left_out"]["count"], 5)
        self.assertEqual(answer["left_out"]["tiles"], [])
        self.assertNotIn("Plan", json.dumps(answer))
        self.assertNotIn("987654", json.dumps(answer))
        left_out = self._data(dashboard)["left_out"]
        self.assertEqual([each["place"] for each in left_out["tiles"]], [4])
        self.assertEqual(left_out["tiles"][0]["title"], "Not available")

    def test_what_is_left_out_is_said_once_with_whom_to_ask(self):
        dashboard = self._dashboard(
            self._tile("card", self.revenue),
            self._tile("line", self.revenue),
            {"kind": "text", "text": "Read me"},
            owner_id=self.officer.id,
        )
        answer = self._data(dashboard, self.user)
        self.assertEqual([tile["kind"] for tile in answer["tiles"]], ["text"])
        self.assertEqual(
            answer["left_out"]["message"],
            f"You cannot access 2 tiles. Ask {self.officer.name} for access.",
        )
        self.assertEqual(self._data(dashboard)["left_out"]["message"], "")
        # Also who arranged it is told whom to ask, by the name that the overview says.
        dashboard.owner_id = self.user
        said = self._data(dashboard, self.user)["left_out"]["message"]
        self.assertEqual(said, answer["left_out"]["message"])
        home = self._as(self.user, self.env["kpi.home"])
        self.assertEqual(home._name_officer(), self.officer.name)

    def test_a_kpi_whose_definition_one_may_not_see_is_not_available(self):
        foreign = self._entered("Their Secret", {"2026-02": 987654})
        foreign.shared_user_ids = self.user
        tiles = [self._tile("card", foreign), self._tile("card", self.revenue)]
        dashboard = self._dashboard(*tiles)
        self.revenue.shared_user_ids = self.user
        other = self._create_company("Other")
        self.env.cr.execute(
            "UPDATE kpi_definition SET company_id = %s WHERE id = %s",
            (other.id, foreign.definition_id.id),
        )
        self.env.invalidate_all()
        shown = self._data(dashboard, self.user)
        states = [tile["state"] for tile in shown["tiles"]]
        self.assertEqual(states, ["ok"])
        self.assertEqual(shown["left_out"]["count"], 1)
        self.assertNotIn("Their Secret", json.dumps(shown))

    def test_rights_are_asked_for_at_each_call(self):
        dashboard = self._dashboard(self._tile("card", self.revenue))
        for users, states in (
            (self.env["res.users"], []),
            (self.user, ["ok"]),
            (self.env["res.users"], []),
        ):
            self.revenue.shared_user_ids = users
            tiles = self._data(dashboard, self.user)["tiles"]
            self.assertEqual([tile["state"] for tile in tiles], states)

    def test_a_dashboard_is_filtered_by_what_one_sees(self):
        own = self._track(self.revenue.definition_id, self.user)
        east = self._track(self.revenue.definition_id, self.east)
        self._fill(own, {"2026-02": 7})
        self._fill(east, {"2026-02": 8})
        dashboard = self._dashboard(self._tile("card", self.revenue))
        for user, scope, value in (
            (self.officer, ("company", self.company.id), 90),
            (self.manager, ("department", self.east.id), 8),
            (self.user, ("user", self.user.id), 7),
        ):
            answer = self._data(dashboard, user)
            chosen = answer["options"]["scope"]
            self.assertEqual((chosen["type"], chosen["id"]), scope)
            self.assertTrue(answer["scope"])
            self.assertEqual(answer["tiles"][0]["kpi"]["value"], value)
        scopes = [scope["type"] for scope in self._as(self.officer, dashboard).scopes()]
        self.assertEqual(scopes, ["company", "department", "user"])
        (only,) = self._as(self.user, dashboard).scopes()
        self.assertEqual((only["type"], only["id"]), ("user", self.user.id))
        company = {"type": "company", "id": self.company.id}
        answer = self._data(dashboard, self.user, scope=company)
        self.assertEqual(answer["tiles"], [])
        self.assertEqual(
            answer["left_out"]["message"],
            f"1 tile has no data for {self.company.name}.",
        )

    def test_departments_are_ranked(self):
        for department, value in ((self.sales, 50), (self.east, 30)):
            tracked = self._track(self.revenue.definition_id, department)
            self._fill(tracked, {"2026-02": value})
        card = self.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_comparison")
        (tile, pie) = self._shown(
            self._tile("card", self.revenue, card_id=card.id, scope_mode="each"),
            self._tile("pie", self.revenue, scope_mode="each"),
        )
        ranked = [(row["scope"], row["value"]) for row in tile["card"]["rows"]]
        self.assertEqual(ranked, [("Sales", 50), ("East", 30)])
        # 30 of the 50 of Sales are those of East
        shares = [row["share"] for row in pie["parts"]["rows"]]
        self.assertEqual(shares, [0.6, 0.4])

    def test_alerts_are_what_is_off_track(self):
        self._fill(self.revenue, {"2026-02": 10})
        card = self.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_alert")
        (tile,) = self._shown(self._tile("card", self.revenue, card_id=card.id))
        (item,) = tile["card"]["items"]
        self.assertEqual(
            (item["kind"], item["report_id"]), ("off_target", self.revenue.id)
        )

    def test_one_kpi_off_track_on_two_levels_is_one_line_of_the_wider(self):
        part = self._track(self.revenue.definition_id, self.sales)
        self._fill(self.revenue, {"2026-02": 10})
        self._fill(self.complaints, {"2026-02": 1000})
        part.status = "off_target"
        card = self.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_alert")
        only = {"scope_mode": "fixed", "report_ids": part.ids}
        whole, narrow = self._shown(
            self._tile("card", card_id=card.id),
            self._tile("card", card_id=card.id, **only),
        )
        items = {item["report_id"]: item for item in whole["card"]["items"]}
        self.assertIn(self.complaints.id, items)
        self.assertNotIn(part.id, items)
        wide = items[self.revenue.id]
        self.assertEqual(wide["text"], f"{self.revenue.name} (and 1 more)")
        self.assertEqual(set(wide["report_ids"]), {self.revenue.id, part.id})
        (own,) = narrow["card"]["items"]
        self.assertEqual((own["report_id"], own["text"]), (part.id, part.name))

    def test_alerts_of_all_cards_are_found_together(self):
        card = self.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_alert")
        self._fill(self.revenue, {"2026-02": 10})
        self._fill(self.complaints, {"2026-02": 1000})
        gauge = self._tile("gauge", self.revenue)
        alerts = [
            self._tile("card", kpi, card_id=card.id)
            for kpi in (self.revenue, self.complaints)
        ]
        found = [tile["card"]["items"] for tile in self._shown(*alerts)]
        ids = [[item["report_id"] for item in items] for items in found]
        self.assertEqual(ids, [[self.revenue.id], [self.complaints.id]])
        counts = [
            self._count_statements(self._dashboard(gauge, *tiles), self.officer)
            for tiles in ([], alerts[:1], alerts)
        ]
        self.assertEqual(counts, [counts[0], counts[0] + 2, counts[0] + 2])

    def test_a_waterfall_goes_from_one_value_to_the_last(self):
        (tile,) = self._shown(self._tile("waterfall", self.revenue, periods=2))
        steps = [(row["value"], row["is_total"]) for row in tile["parts"]["rows"]]
        self.assertEqual(steps, [(120, True), (-30, False), (90, True)])

    def test_a_funnel_keeps_its_order(self):
        (tile,) = self._shown(self._tile("funnel", self.complaints, self.revenue))
        rows = [(row["value"], row["share"]) for row in tile["parts"]["rows"]]
        self.assertEqual(rows, [(3, 1), (90, 30)])

    def test_parts_in_different_units_make_no_whole(self):
        money = self._entered("Money", {"2026-02": 5}, unit="currency")
        (tile,) = self._shown(self._tile("pie", self.revenue, money))
        self.assertEqual(tile["state"], "error")
        self.assertIn("different units", tile["message"])

    def test_a_radar_has_achievements(self):
        (tile,) = self._shown(self._tile("radar", self.revenue, self.complaints))
        self.assertEqual(tile["chart"]["categories"], ["Revenue", "Complaints"])
        now, before = tile["chart"]["series"]
        self.assertEqual(now["values"][0], 90)
        self.assertEqual(before["values"][0], 120)

    def test_two_kpis_over_time_are_points(self):
        (tile,) = self._shown(self._tile("scatter", self.revenue, self.complaints))
        points = [(point["x"], point["y"]) for point in tile["chart"]["points"]]
        self.assertEqual(points, [(120, 0), (90, 3)])

    def test_two_kpis_of_which_one_is_not_for_the_reader_are_left_out(self):
        self.revenue.shared_user_ids = self.user
        both = self.revenue | self.complaints
        dashboard = self._dashboard(
            self._tile("scatter", *both),
            self._tile("scatter", scope_mode="fixed", report_ids=both.ids),
        )
        answer = self._data(dashboard, self.user)
        self.assertEqual((answer["tiles"], answer["left_out"]["count"]), ([], 2))
        self.assertNotIn("Complaints", json.dumps(answer))

    def test_a_scatter_plot_of_one_kpi_says_that_it_needs_two(self):
        (tile,) = self._shown(self._tile("scatter", self.revenue))
        self.assertEqual(tile["state"], "error")
        self.assertEqual(tile["message"], "A scatter plot needs two KPIs.")

    def test_texts_are_inert(self):
        text = "<p>Read <b>this</b></p><script>alert(1)</script>"
        (tile,) = self._shown({"kind": "text", "text": text})
        self.assertNotIn("script", tile["html"])
        self.assertIn("<b>this</b>", tile["html"])

    def test_views_are_left_to_the_client(self):
        view = {"kind": "view", "view_model": "res.partner", "name": "Partners"}
        secret = {"kind": "view", "view_model": "ir.config_parameter", "name": "Keys"}
        dashboard = self._dashboard(view, secret)
        answer = self._data(dashboard)
        (shown,), (hidden,) = answer["tiles"], answer["left_out"]["tiles"]
        self.assertEqual(shown["state"], "lazy")
        self.assertEqual(shown["view"]["model"], "res.partner")
        self.assertEqual(
            (hidden["state"], hidden["title"]), ("unavailable", "Not available")
        )

    def test_malformed_options_are_refused_by_name(self):
        dashboard = self._dashboard(self._tile("card", self.revenue))
        for name, value in MALFORMED:
            with (
                self.subTest(option=name, value=value),
                self.assertRaisesRegex(UserError, name),
            ):
                self._data(dashboard, **{name: value})
        with self.assertRaises(UserError):
            self._as(self.officer, dashboard).data([])

    def test_unknown_ids_are_not_available(self):
        dashboard = self._dashboard(self._tile("card", self.revenue))
        answer = self._data(dashboard, tile_ids=[2**31 - 1])
        self.assertEqual(answer["tiles"], [])
        scope = {"type": "department", "id": 2**31 - 1}
        answer = self._data(dashboard, scope=scope)
        self.assertEqual((answer["tiles"], answer["left_out"]["count"]), ([], 1))

    def test_a_favourite_cannot_hold_nonsense(self):
        dashboard = self._dashboard()
        with self.assertRaises(UserError):
            self._as(self.user, self.env["kpi.dashboard.filter"]).create(
                {
                    "name": "Mine",
                    "dashboard_id": dashboard.id,
                    "options": {"grain": "fortnight"},
                }
            )

    def test_notes_are_marks_on_charts_and_stand_in_the_chatter(self):
        self.revenue.shared_user_ids = self.user
        self._as(self.user, self.env["kpi.annotation"]).create(
            {
                "report_id": self.revenue.id,
                "date": "2026-01-20",
                "text": "Fair in <b>Hanover</b>",
            }
        )
        (tile,) = self._shown(self._tile("line", self.revenue, periods=3))
        (note,) = tile["notes"]
        self.assertEqual((note["place"], note["who"]), (1, "user"))
        self.assertIn("&lt;b&gt;Hanover", self.revenue.message_ids[0].body)

    def test_the_latest_notes_are_on_the_chart_of_the_kpi(self):
        notes = self._as(self.officer, self.env["kpi.annotation"])
        january = [f"2026-01-0{number}" for number in range(1, 8)]
        for day in ("2024-01-01", "2026-03-01", *january):
            notes.create({"report_id": self.revenue.id, "date": day, "text": day})
        own = self._as(self.officer, self.env["kpi.report"])
        with self._at(NOW):
            month = own.get_history(self.revenue.id)
            year = own.get_history(self.revenue.id, "year")
            none = own.get_history(self.complaints.id)
        days = [note["date"] for note in month["notes"]]
        self.assertEqual(days, january[2:])
        starts = [point["start"] for point in month["points"]]
        places = {note["place"] for note in month["notes"]}
        self.assertEqual(places, {starts.index("2026-01-01")})
        self.assertEqual({note["who"] for note in month["notes"]}, {"officer"})
        self.assertEqual([note["place"] for note in year["notes"]][-1], 1)
        self.assertEqual(none["notes"], [])
        hidden = self._as(self.user, self.env["kpi.report"])
        self.assertEqual(hidden.get_history(self.revenue.id), {})

    def test_a_change_of_the_definition_is_marked_like_a_note(self):
        self.revenue.definition_id._change({"percentile": 50.0}, date(2026, 2, 1))
        for kind in ("line", "bar", "table"):
            (tile,) = self._shown(self._tile(kind, self.revenue, periods=3))
            (note,) = tile["notes"]
            self.assertEqual((note["place"], note["date"]), (2, "2026-02-01"))
            self.assertIn("Definition changed", note["text"])
        both = self._tile("table", self.complaints, self.revenue, periods=3)
        (tile,) = self._shown(both)
        (note,) = tile["notes"]
        self.assertRegex(note["text"], "^Revenue: Definition changed")

    def test_statements_do_not_grow_with_tiles(self):
        kpis = [
            self._entered(f"KPI {place}", {"2026-02": place}, target=9)
            for place in range(12)
        ]
        for kpi in kpis:
            kpi.shared_user_ids = self.user | self.manager
        kinds = ("card", "gauge", "line", "bar", "table", "pie")
        few = self._dashboard(*(self._tile(kind, self.revenue) for kind in kinds[:5]))
        many = self._dashboard(
            *(self._tile(kind, kpi) for kpi in kpis for kind in kinds)
        )
        for user in (self.officer, self.manager, self.user):
            self.revenue.shared_user_ids = user
            with self.subTest(user=user.name):
                count = self._count_statements(few, user)
                self.assertEqual(self._count_statements(many, user), count)
                if user == self.officer:
                    self.assertLessEqual(count, 12)
