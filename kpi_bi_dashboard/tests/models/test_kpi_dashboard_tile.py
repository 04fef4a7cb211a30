"""Tiles of what analyses came to, on the screen and where no browser is."""

from datetime import date
from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.kpi_base.tests.common import run_cron
from odoo.addons.kpi_tracking_analytics.models.change import Reading

from ...analytics.data_models.kpi_models import CODES
from ...models.kpi_bi_analysis_findings import Finding, _compare_exactly
from .test_kpi_bi_analysis import GROUP, YEARS, AnalysisCase

RESULT = "odoo.addons.kpi_bi_dashboard.models.kpi_bi_result"


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestKpiDashboardTile(AnalysisCase):
    def _shown(self, kind, user=None, **values):
        """What a tile of this kind answers."""
        dashboard = self.env["kpi.dashboard"].create(
            {
                "name": "Executive",
                "tile_ids": [(0, 0, {"kind": kind, "name": "Tile", **values})],
                "company_id": self.company.id,
            }
        )
        (tile,) = dashboard.with_user(user or self.env.user).data()["tiles"]
        return dashboard, tile

    def test_triangle(self):
        self._imported(YEARS)
        self._run()
        dashboard, tile = self._shown("triangle")
        cohorts = tile["cohorts"]
        self.assertEqual(cohorts["months"][:2], ["2023-05", "2024-03"])
        # who bought first in March 2024 bought again twelve months later
        self.assertEqual(cohorts["shares"][1][:13], [1, *[0] * 11, 1])
        # a tile has room for a year, the page has two
        self.assertEqual(len(cohorts["shares"][1]), 13)
        analyses = self.env["kpi.bi.analysis"].with_company(self.company)
        sections = analyses.get_page("cohorts")["sections"]
        (part,) = (one for one in sections if one["kind"] == "triangle")
        self.assertIsNone(part["tile"]["cohorts"]["shares"][1][24])
        self.assertTrue(cohorts["can_open"])
        table = tile["table"]
        self.assertEqual(table["rows"][1][0], "Mar 2024")
        self.assertEqual(table["rows"][1][2]["number"], 1)
        self.assertEqual(table["rows"][1][2]["text"], "100%")  # as on the screen
        (drawn,) = dashboard._drawings(dashboard.data())
        shares = [drawn.shade(cell) for cell in drawn.table.rows[1]]
        self.assertEqual(shares[:2], ["", ""])  # month and customers
        self.assertEqual(len({*shares[2:]}), 2)  # all of them, or none

    def test_a_cell_opens_its_customers(self):
        self._imported(YEARS)
        self._run()
        customers = self.env["kpi.bi.customer"]
        action = customers.open_cohort(self.company.id, "2024-03-01", 12)
        found = customers.search(action["domain"])
        self.assertEqual(found.mapped("reference"), ["kept"])
        self.assertFalse(
            customers.search(
                customers.open_cohort(self.company.id, "2024-06-01", 12)["domain"]
            )
        )

    def test_segments(self):
        self._imported(YEARS)
        self._run()
        _dashboard, tile = self._shown("segment_map")
        rows = tile["segments"]["rows"]
        self.assertEqual(sum(row["customers"] for row in rows), 4)
        self.assertEqual(sum(row["revenue"] for row in rows), 340)
        self.assertEqual(len(tile["table"]["rows"]), len(rows))

    def test_results_are_read_together(self):
        self._imported(YEARS)
        self._run()

        def statements(*kinds):
            tiles = [(0, 0, {"kind": kind, "name": kind}) for kind in kinds]
            values = {"name": "Board", "tile_ids": tiles, "company_id": self.company.id}
            board = self.env["kpi.dashboard"].create(values)
            board.data()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            board.data()
            return self.env.cr.sql_log_count - before

        self.assertEqual(
            statements("triangle", "segment_map", "findings"), statements("triangle")
        )

    def test_the_ready_dashboard_takes_few_statements(self):
        self._imported(YEARS)
        ready = "kpi_bi_dashboard.kpi_gallery_dashboard_executive"
        ready = self.env.ref(ready).with_company(self.company)
        ready._install()
        self._run()
        board = ready.dashboard_id.with_company(self.company)
        tiles = board.data()["tiles"]
        shown = {tile["kind"] for tile in tiles if tile["state"] == "ok"}
        self.assertLessEqual({"triangle", "segment_map"}, shown)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            board.data()

    def _store(self, analysis, figures):
        self.env["kpi.bi.result"].sudo()._store(
            self.company,
            analysis,
            lambda: (figures, {}),
            cutoff=date(2026, 1, 10),
            data=figures,
        )

    def _fan(self):
        """A board whose line of the KPI Revenue goes on; it has values to December."""
        months = [date(2024 + at // 12, at % 12 + 1, 1) for at in range(24)]
        rows = "".join(f"one,{day:%Y-%m}-05,100\n" for day in months)
        self._imported(f"customer,date,amount\n{rows}")
        env = self.env(su=True)
        deal = {"type": "opportunity", "company_id": self.company.id}
        with self._at("2026-01-08"):
            env["crm.lead"].create(
                [
                    {
                        **deal,
                        "name": day,
                        "expected_revenue": amount,
                        "probability": probability,
                        "date_deadline": day,
                    }
                    for day, amount, probability in (
                        ("2026-02-20", 500, 40),
                        ("2026-03-20", 300, 50),
                    )
                ]
            )
            self.env.flush_all()
            self.env.cr.precommit.run()
        self._run()
        revenue = env["kpi.definition"].create(
            {
                "name": "Revenue",
                "code": "revenue",
                "company_id": self.company.id,
                "unit": "currency",
                "currency_id": self.company.currency_id.id,
                "aggregation_time": "sum",
                "history_start": months[0],
            }
        )
        report = revenue._track_for("company", self.company)
        values = [(report.id, day, 2000.0 + 10 * day.month) for day in months]
        env["kpi.measurement"]._upsert("month", values, source="manual")
        report._refresh_current()
        env["kpi.predictive.analytics"]._analyse(report)
        tile = {"kind": "line", "periods": 12, "definition_ids": revenue.ids}
        tile |= {"show_expected": True, "show_pipeline": True}
        board = {"name": "Board", "company_id": self.company.id}
        return env["kpi.dashboard"].create({**board, "tile_ids": [(0, 0, tile)]})

    def test_the_fan_has_what_the_open_pipeline_brings(self):
        reader = self._user_of("reader", f"{GROUP}_user")
        board = self._fan().with_user(reader)
        (tile,) = board.data()["tiles"]
        revenue, pipeline = tile["chart"]["series"]
        self.assertTrue(revenue["expected"]["values"][1])
        starts = ["2026-01-01", "2026-02-01", "2026-03-01"]
        self.assertEqual(tile["chart"]["coming"]["starts"], starts)
        # December has its value; 40% of 500, 50% of 300
        self.assertEqual(pipeline["expected"]["values"], [None, 0, 200, 150])
        self.assertEqual({*pipeline["values"]}, {None})
        # the page has the same figures: of the pipeline, and of the forecast
        page = self.env["kpi.bi.analysis"].with_user(reader)
        page = page.get_page("revenue_forecast")
        (table,) = (one for one in page["sections"] if one["title"] == "By month")
        rows = table["rows"][:3]
        at = table["heads"].index("Pipeline")
        shown = [row[at]["number"] for row in rows]
        self.assertEqual(shown, pipeline["expected"]["values"][1:])
        for head, name in (
            ("Forecast", "values"),
            ("Cautious", "lows"),
            ("Ambitious", "highs"),
        ):
            at = table["heads"].index(head)
            self.assertEqual(
                [row[at]["number"] for row in rows], revenue["expected"][name][1:]
            )
        (section,) = (one for one in page["sections"] if one["kind"] == "chart")
        drawn = section["tile"]["chart"]["series"][0]
        self.assertEqual(drawn["expected"]["values"][:4], revenue["expected"]["values"])
        self.assertEqual(drawn["values"], revenue["values"])
        (notes, *_odd) = (one for one in page["sections"] if one["kind"] == "notes")
        self.assertIn("the same as on dashboards", notes["notes"][0])
        # where no browser is, it is drawn and in the table
        (drawn,) = board._drawings(board.data())
        self.assertEqual(drawn.table.heads[-1], "Open pipeline")
        self.assertEqual(drawn.table.rows[-1][-1].number, 150)
        self.assertIn("Open pipeline", drawn.drawing().as_svg())

    def test_the_fan_is_of_the_companys_revenue_for_its_readers(self):
        board = self._fan()
        reader, stranger = self._user_of("reader", f"{GROUP}_user"), self._user_of("no")
        for user, unit, names in (
            (reader, "currency", ["Revenue", "Open pipeline"]),
            (stranger, "currency", ["Revenue"]),
            (reader, "number", ["Revenue"]),  # pieces are no revenue
        ):
            board.tile_ids.definition_ids.unit = unit
            (tile,) = board.with_user(user).data()["tiles"]
            shown = [one["name"] for one in tile["chart"]["series"]]
            self.assertEqual(shown, names)

    def test_intervals_of_an_analysis(self):
        tile = self._shown("ranges")[1]
        self.assertEqual(tile["state"], "no_data")
        self._store("acquisition", {"costs": []})
        self.assertIn("No spend yet", self._shown("ranges")[1]["message"])
        best = dict.fromkeys(("total", "customer", "ranking"), "bg_nbd")
        expected = {"method": "bg_nbd", "low": 70, "value": 80, "high": 95}
        self._store(
            "lifetime_value",
            {
                "problem": "",
                "purchases": {"r": 1, "alpha": 5, "a": 1, "b": 4},
                "amounts": {"p": 6, "q": 4, "gamma": 15, "correlation": 0},
                "value": 100,
                "expected_purchases": 320,
                "back_test": {
                    "origins": ["2025-01-10"],
                    "total_errors": [[0.1], [0.2], [None]],
                    "best": best,
                    "coverage": 1,
                    "problems": {},
                    "ranges": [expected],
                },
            },
        )
        tile = self._shown("ranges", bi_analysis="lifetime_value")[1]
        self.assertEqual(tile["ranges"][0]["rows"][0]["high"], 95)
        ((_title, name, text),) = tile["table"]["rows"]
        self.assertEqual((name, text), ("Model (BG/NBD)", "80 (70 to 95)"))

    def test_an_analysis_without_intervals_says_so(self):
        self._imported(YEARS)
        self._run()
        for name in ("purchases", "findings", "cohorts"):
            with self.subTest(name=name):
                tile = self._shown("ranges", bi_analysis=name)[1]
                self.assertEqual(tile["state"], "no_data")

    def test_findings_are_what_is_more_than_chance(self):
        rows = ["customer,date,amount"]
        # each month 30 customers, half of whom come back; of the last ones nobody
        for month in range(1, 12):
            for one in range(30):
                rows.append(f"c{month}-{one},2025-{month:02}-05,10")
                if one % 2 and month < 11:
                    rows.append(f"c{month}-{one},2025-{month + 1:02}-05,10")
        self._imported("\n".join(rows))
        self._run()
        found = self._shown("findings")[1]["findings"]
        texts = " ".join(one["text"] for one in found)
        self.assertRegex(texts, "0% of customers won in November 2025 bought again")
        self.assertRegex(texts, "the following month; usually 50%")
        opens = next(one["opens"] for one in found if one["opens"]["args"][-1] == 1)
        self.assertEqual(opens["method"], "open_cohort")
        reader = self._user_of("reader", f"{GROUP}_user")
        dashboard, tile = self._shown("findings", reader)
        self.assertFalse(any(one["opens"] for one in tile["findings"]))
        self.env["res.lang"].sudo()._activate_lang("fr_FR")
        (tile,) = dashboard.with_context(lang="fr_FR").data()["tiles"]
        texts = " ".join(one["text"] for one in tile["findings"])
        self.assertIn("novembre 2025", texts)

    def test_a_cohort_like_the_earlier_ones_is_no_finding(self):
        # of 16 earlier customers 12 came back, of 20 new ones 10: that is chance
        figures = {"months": ["2025-10", "2025-11"], "sizes": [16, 20]}
        analyses = self.env["kpi.bi.analysis"]
        for back, is_chance in ((10, True), (1, False)):
            self._store("cohorts", {**figures, "customers": [[16, 12, 9], [20, back]]})
            result = analyses.env["kpi.bi.result"]._find_latest(self.company, "cohorts")
            (found,) = analyses.sudo()._find_in_cohorts(result.sudo())
            self.assertEqual(found.probability > 0.1, is_chance)

    def test_changes_of_counts_and_shares_are_tested_exactly(self):
        def sides(*pairs, **method):
            known = {"measure": "count", "computation": "records"}
            method = SimpleNamespace(**{**known, **method})
            days = (
                (date(2026, 1, 1), date(2026, 2, 1)),
                (date(2026, 2, 1), date(2026, 3, 4)),
            )
            return [
                Reading(SimpleNamespace(start=one[0], stop=one[1]), "", *pair, method)
                for one, pair in zip(days, pairs, strict=True)
            ]

        three, nine = (3, None), (9, None)
        self.assertAlmostEqual(_compare_exactly(*sides(three, nine)), 0.146, 3)
        both = sides(three, nine, computation="external", measure="")
        found = _compare_exactly(*both, "customer_acquisition")
        self.assertAlmostEqual(found, 0.146, 3)
        self.assertEqual(_compare_exactly(*both, "nrr"), 0)
        self.assertEqual(_compare_exactly(*sides(three, nine, measure="sum")), 0)
        shares = (100 * 49 / 108, 108), (100 * 45 / 133, 133)
        found = _compare_exactly(*sides(*shares, measure="share"))
        self.assertAlmostEqual(found, 0.083, 2)

    def test_what_is_shown_is_more_than_chance_among_all_that_is_tested(self):
        analyses = self.env["kpi.bi.analysis"].sudo()
        # one of ten that has a chance of 2% alone is likely to be one of chance
        for others, shown in ((0, 1), (9, 0)):
            tested = [Finding(0.02, 9, "slowing", {"count": 3}, None)]
            tested += [Finding(0.5, 1, "slowing", {"count": 2}, None)] * others
            with patch.object(
                type(analyses), "_find_kpi_changes", lambda self, found=tested: found
            ):
                analyses._analyse_findings(self.company)
            result = analyses.env["kpi.bi.result"]._find_latest(
                self.company, "findings"
            )
            self.assertEqual(len(result.figures["found"]), shown)

    def test_kpis_that_missed_their_target_follow(self):
        december = date(2025, 12, 1)
        for name, value in (("Hits", 100), ("Near", 90), ("Far", 60)):
            definition = self.env["kpi.definition"].create(
                {"name": name, "computation": "manual", "history_start": "2025-01-01"}
            )
            report = definition._track_for("company", self.company)
            target = {"report_id": report.id, "date_from": december, "value": 100}
            self.env["kpi.target"].create(target)
            rows = [(report.id, december, value)]
            self.env["kpi.measurement"]._upsert("month", rows, source="import")
            report._refresh_current()
        self.env["kpi.bi.analysis"].sudo()._analyse_findings(self.company)
        found = self._shown("findings")[1]["findings"]
        texts = [one["text"] for one in found]
        far, near = "Dec 2025 missed its target by 40%", "missed its target by 10%"
        self.assertEqual(texts, [f"Far: {far}.", f"Near: Dec 2025 {near}."])
        self.assertEqual(found[0]["opens"]["method"], "action_explain_change")
        employee = new_test_user(
            self.env(su=True),
            "employee",
            f"kpi_base.kpi_base_group_user,{GROUP}_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        results = self.env["kpi.bi.result"].with_user(employee)
        result = results._find_latest(self.company, "findings")
        self.assertEqual(result._get_figures()["found"], [])

    def test_at_most_three_things_are_shown(self):
        facts = {"count": 1533, "share": 0.18, "usual": 0.05}
        self._store("findings", {"found": [["slowing", facts, None]] * 5})
        self.assertEqual(len(self._shown("findings")[1]["findings"]), 3)

    def test_results_say_their_day_where_an_earlier_month_is_shown(self):
        self._imported(YEARS)
        self._run()
        dashboard, tile = self._shown("triangle")
        self.assertEqual(tile["title"], "Tile")
        (tile,) = dashboard.data({"start": "2025-11-01"})["tiles"]
        self.assertEqual(tile["title"], "Tile (as of Jan 10, 2026)")

    def test_an_own_kpi_is_shown_in_place_of_the_ready_one(self):
        own = self.env["kpi.definition"].create(
            {"name": "Own", "code": "revenue", "computation": "manual"}
        )
        own._track_for("company", self.company)
        ready = "kpi_bi_dashboard.kpi_gallery_dashboard_executive"
        ready = self.env.ref(ready).with_company(self.company)
        words = {code: word for word, code in CODES.items()}
        self.assertEqual(ready.own_codes, words)
        ready._install()
        codes = ready.dashboard_id.tile_ids.definition_ids.mapped("code")
        self.assertIn("revenue", codes)
        self.assertNotIn("fin_revenue", codes)
        turned_on = [("code", "=", "fin_revenue"), ("company_id", "=", self.company.id)]
        self.assertFalse(self.env["kpi.report"].search(turned_on))

    def test_a_sentence_writes_large_counts_as_people_do(self):
        facts = {"count": 1533, "share": 0.18, "usual": 0.05}
        text = self.env["kpi.bi.analysis"]._say("slowing", facts)
        self.assertTrue(text.startswith("1,533 customers"), text)

    def test_an_unusual_change_of_a_kpi(self):
        rows = ["customer,date,amount"]
        for month in range(1, 13):
            count = 60 if month == 12 else 10 + month % 3
            rows += [f"c{month}-{one},2025-{month:02}-05,10" for one in range(count)]
        self._imported("\n".join(rows))
        ready = self.env["kpi.gallery.kpi"]
        ready.search([("code", "=", "customer_acquisition")])._turn_on()
        for _turn in range(2):  # the KPI is computed after the first one
            self._run()
            self.env["kpi.job"].sudo()._cron_bi()
            run_cron(self, "kpi_base.kpi_job_cron")
        texts = [one["text"] for one in self._shown("findings")[1]["findings"]]
        (text,) = (one for one in texts if "New Customers" in one)
        self.assertIn("rose from 12 in Nov 2025 to 60 in Dec 2025", text)
        self.assertTrue(text.endswith("larger than its usual change."), text)
        report = self.env["kpi.report"].search([("code", "=", "customer_acquisition")])
        analyses = self.env["kpi.bi.analysis"]
        days = ["2025-11-01", "2025-12-01"]
        text = analyses._say_change(report[:1].id, days, [12, 16], 4.5, False)
        self.assertIn("4.5× its usual change", text)

    def test_a_finding_is_of_a_kpi_that_the_reader_sees(self):
        self._run()
        days = ["2025-11-01", "2025-12-01"]
        facts = [2**31 - 1, days, [1, 9], 8, False]
        self._store("findings", {"found": [["kpi", facts, None]]})
        reader = self._user_of("reader", f"{GROUP}_user")
        message = self._shown("findings", reader)[1]["message"]
        self.assertIn("No unusual values", message)
        latest = self.env["kpi.bi.result"]._find_latest(self.company, "findings")
        self.assertEqual(latest.with_user(reader)._get_figures(), {"found": []})
        analyst = self._user_of("margins", f"{GROUP}_margin")
        with self.assertRaises(AccessError):
            latest.with_user(analyst).read(["figures"])

    def test_figures_of_another_version_are_not_drawn(self):
        self._imported(YEARS)
        self._run()
        for analysis in ("customers", "cohorts", "attribution"):
            with patch(f"{RESULT}.VERSION", 1):
                self._store(analysis, {"of": "former versions"})
        for kind in ("triangle", "segment_map"):
            self.assertEqual(self._shown(kind)[1]["state"], "ok")

    def test_without_purchases_and_without_access(self):
        self._run()
        for kind in ("triangle", "segment_map"):
            with self.subTest(kind=kind):
                self.assertIn("No purchases yet", self._shown(kind)[1]["message"])
        self._imported(YEARS)
        self._run()
        stranger = self._user_of("bi_stranger")
        _dashboard, tile = self._shown("triangle", stranger)
        self.assertIn("You are not allowed to access", tile["message"])
        self.assertNotIn("cohorts", tile)
        reader = self._user_of("bi_reader", f"{GROUP}_user")
        _dashboard, tile = self._shown("triangle", reader)
        self.assertFalse(tile["cohorts"]["can_open"])

    def _user_of(self, name, *groups):
        return new_test_user(
            self.env(su=True),
            name,
            ",".join(["kpi_base.kpi_base_group_officer", *groups]),
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
