"""Markets, competitors and benchmarks of files."""

from types import SimpleNamespace

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user

from odoo.addons.kpi_base.engine.tabular import Entry
from odoo.addons.kpi_base.tests.import_case import OFFICER, ImportCase

MARKETS = """Market,Year,Size,Growth,Product Category,Source
Sensors,2025,"1,840,000",4.6%,,Yearbook
Valves,2024,71000,,Toys,Yearbook
"""
COMPETITORS = """Market,Competitor,Market Share,Price Advantage,Source,As Of
sensors,Valvotec,14,-3,Yearbook,2025-03-01
Sensors,Hanseatic,19%,,Yearbook,
"""


@freeze_time("2026-01-10 12:00:00")
class TestKpiImportMarket(ImportCase):
    officer_groups = f"{OFFICER},kpi_bi_dashboard.kpi_bi_dashboard_group_analyst"

    def setUp(self):
        super().setUp()
        self.env["product.category"].sudo().create({"name": "Toys"})

    def _brought(self, target, content):
        return self._imported(content, target_model=f"kpi.import.{target}")

    def test_markets_and_their_competitors(self):
        self.assertCounts(self._brought("market", MARKETS), added=2)
        markets = self.env["kpi.bi.market"].search([], order="name")
        self.assertEqual(markets.mapped("year"), [2025, 2024])
        self.assertEqual(markets[0].size, 1_840_000)
        self.assertAlmostEqual(markets[0].growth, 0.046)
        self.assertIs(markets[1].growth, False)
        self.assertEqual(markets[1].category_id.name, "Toys")
        self.assertCounts(self._brought("competitor", COMPETITORS), added=2)
        rivals = self.env["kpi.bi.competitor"].search([], order="name")
        self.assertEqual(rivals.market_id, markets[0])
        self.assertEqual(rivals.mapped("share"), [0.19, 0.14])
        self.assertEqual([str(one) for one in rivals.mapped("date")],
                         ["2026-01-10", "2025-03-01"])  # fmt: skip

    def test_a_percent_below_1_is_asked_about(self):
        rows = "Market,Year,Size,Growth,Source\nA,2025,5,0.03,Y\nB,2025,5,0.5%,Y\n"
        rows += "C,2025,5,4,Y\nD,2025,1e308,4,Y\n"
        for choice, growth in (("ratio", 0.03), ("percent", 0.0003)):
            job = self._import(rows, target_model="kpi.import.market")
            job.action_check()
            # each bad row by its number, the rest is imported
            self.assertEqual([*self._reasons(job)], [2, 5])
            self.assertIn("choose whether this is 0.03% or 3%", self._reasons(job)[2])
            fixes = [fix for fix in job.check_page["fixes"] if "chosen" in fix]
            (fix,) = (one for one in fixes if one["chosen"]["small"] == choice)
            job.action_fix(fix["key"])
            job.action_import_checked()
            markets = self.env["kpi.bi.market"].search([], order="name")
            found = [round(one.growth, 4) for one in markets]
            self.assertEqual(found, [growth, 0.005, 0.04])

    def test_inputs_that_cannot_be(self):
        spend = {"channel": "Ads", "day": "2025-01-01", "amount": 5}
        market = {"name": "A", "year": 2025, "source": "Y", "size": 5}
        mark = {"measure": "win_rate", "date_from": "2025-01-01", "middle": 30}
        inf, nan = float("inf"), float("nan")
        for model, good, bad in (
            ("spend", spend, [{"amount": 1e308}, {"amount": nan}, {"amount": inf}]),
            ("spend", spend, [{"day": "1800-01-01"}, {"day": "2026-01-11"}]),
            ("market", market, [{"size": 1e308}, {"size": nan}]),
            ("market", market, [{"date": "1800-01-01"}, {"growth": inf}]),
            ("benchmark", mark, [{"middle": 1e308}, {"middle": nan}, {"best": inf}]),
            ("benchmark", mark, [{"middle": 101}, {"date_from": "1800-01-01"}]),
        ):
            records = self.env[f"kpi.bi.{model}"]
            records.create(good).unlink()
            for change in bad:
                with self.subTest(model=model, change=change):
                    with (
                        self.assertRaises(UserError),
                        self.env.cr.savepoint(),
                    ):
                        records.create({**good, **change})

    def test_assumed_margins_are_for_the_group_of_margins(self):
        values = {"date_from": "2025-01-01", "middle": 40}
        benchmarks = self.env["kpi.bi.benchmark"].sudo()
        benchmarks.create([{"measure": "gross_margin", **values}])
        benchmarks.create([{"measure": "win_rate", **values}])
        mine = self.env["kpi.bi.benchmark"].search([])
        self.assertEqual({*mine.mapped("measure")}, {"win_rate"})
        margin = "kpi_bi_dashboard.kpi_bi_dashboard_group_margin"
        self.officer.sudo().group_ids += self.env.ref(margin)
        mine = self.env["kpi.bi.benchmark"].search([])
        self.assertEqual({*mine.mapped("measure")}, {"win_rate", "gross_margin"})

    def test_a_record_of_exactly_this_name_goes_first(self):
        categories = self.env["product.category"].sudo()
        categories.create([{"name": "TOYS"}, {"name": "toys"}])
        self._brought("market", MARKETS)
        valves = self.env["kpi.bi.market"].search([("name", "=", "Valves")])
        self.assertEqual(valves.category_id.name, "Toys")

    def test_names_are_looked_up_in_a_constant_number_of_queries(self):
        names = [f"Category {number}" for number in range(40)]
        categories = self.env["product.category"].sudo()
        categories.create([{"name": name} for name in names])
        target = self.env["kpi.import.market"]
        job = self._import(MARKETS, target_model=target._name)
        counts, run = [], SimpleNamespace(job=job, keep=lambda _key, make: make())
        for some in (names[:1], names[:1], names):
            entries = [Entry(2, {"category_id": name.upper()}) for name in some]
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = target._find_named(run, entries, ["category_id"])
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(found), len(some))
        self.assertEqual(counts[1], counts[2])

    def test_the_same_again_changes_what_differs(self):
        self._brought("market", MARKETS)
        again = self._brought("market", MARKETS.replace("71000", "72000"))
        self.assertCounts(again, changed=1, equal=1)
        valves = self.env["kpi.bi.market"].search([("name", "=", "Valves")])
        self.assertEqual(valves.size, 72_000)

    def test_benchmarks(self):
        file = "Measure,Valid From,Usual,Best Reach\nWin Rate (%),2025-01-01,32,41\n"
        self.assertCounts(self._brought("bi.benchmark", file), added=1)
        self.assertCounts(self._brought("bi.benchmark", file), equal=1)
        found = self.env["kpi.bi.benchmark"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(
            (found.measure, found.middle, found.best), ("win_rate", 32, 41)
        )

    def test_names_that_nothing_has_are_mapped(self):
        self._brought("market", MARKETS)
        job = self._import(
            COMPETITORS.replace("Sensors", "Sensrs"),
            target_model="kpi.import.competitor",
        )
        job.action_check()
        (unknown,) = job.check_page["unknown"]
        self.assertEqual((unknown["key"], unknown["rows"]), ("market_id", 1))
        self.assertEqual(unknown["nearest"][0]["text"], "Sensors")
        job.action_map("market_id", "Sensrs", "Sensors")
        self.assertEqual((job.accepted_count, job.refused_count), (2, 0))

    def test_rows_that_cannot_be(self):
        self._brought("market", MARKETS)
        job = self._brought(
            "competitor",
            "Market,Competitor,Market Share,Source\n"
            "Nowhere,A,1,B\nSensors,,1,B\nSensors,C,140,B\nSensors,D,60,B\n"
            "Sensors,E,1,B\nSENSORS,e,2,B\n",
        )
        self.assertEqual(sorted(self._reasons(job)), [2, 3, 4, 6, 7])

    def test_markets_of_another_company_are_not_found(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        self.env["kpi.bi.market"].sudo().create(
            {"name": "Sensors", "year": 2025, "source": "A", "company_id": other.id}
        )
        job = self._brought("competitor", COMPETITORS)
        self.assertEqual(sorted(self._reasons(job)), [2, 3])

    def test_who_does_not_write_markets_imports_none(self):
        reader = new_test_user(
            self.env(su=True), "reader", OFFICER, company_id=self.company.id
        )
        job = self._import(MARKETS, target_model="kpi.import.market")
        with self.assertRaises(AccessError):
            job.with_user(reader).action_import()
