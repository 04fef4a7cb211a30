"""Markets, competitors, SWOT and opportunities, and what is said of them."""

from contextlib import contextmanager

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ...analytics.data_models.competitive_models import (
    assess_opportunity,
    threat_score,
)
from .purchase_case import GROUP
from .test_kpi_bi_analysis import AnalysisCase

SALES = """customer,date,amount,category
north,2024-12-31,1000,Pumps
north,2025-03-01,30,Pumps
north,2025-05-01,20,Small Pumps
north,2025-12-31,50,Valves
"""


class MarketCase(AnalysisCase):
    """An analyst, and what was sold of pumps and valves in 2025."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        categories = cls.env["product.category"].sudo()
        cls.pumps = categories.create({"name": "Pumps"})
        categories.create({"name": "Small Pumps", "parent_id": cls.pumps.id})
        categories.create({"name": "Valves"})

    def _reader(self, name, company=None):
        company = company or self.company
        return new_test_user(
            self.env(su=True),
            name,
            f"base.group_user,{GROUP}user",
            company_id=company.id,
            company_ids=company.ids,
        )

    @contextmanager
    def _refused(self, reason):
        with self.assertRaisesRegex(ValidationError, reason), self.cr.savepoint():
            yield
        self.env.invalidate_all(flush=False)

    def _market(self, **values):
        values = {"name": "Pumps", "year": 2025, "source": "Association", **values}
        return self.env["kpi.bi.market"].create(values)

    def _competitor(self, market, **values):
        values = {"name": "Rival", "source": "Annual report", **values}
        return self.env["kpi.bi.competitor"].create({"market_id": market.id, **values})


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestMarket(MarketCase):
    def test_own_share_is_that_of_the_category_and_year(self):
        self._imported(SALES)
        self._run()
        market = self._market(size=1000, category_id=self.pumps.id)
        self.assertEqual((market.own_revenue, market.own_share), (50, 0.05))
        self.assertEqual(market.display_name, "Pumps 2025")
        everything = self._market(name="All", size=1000)
        self.assertEqual(everything.own_share, 0.1)
        # purchases that were imported are of no country
        abroad = self._market(
            name="Abroad", size=1000, country_ids=self.env.ref("base.fr").ids
        )
        self.assertEqual((abroad.own_revenue, abroad.own_share), (0, 0))

    def test_a_running_year_is_as_long_as_others(self):
        self._imported(SALES)
        self._run()
        # 11 January 2025 to 10 January 2026
        self.assertEqual(self._market(year=2026, size=200).own_share, 0.5)
        self.assertIs(self._market(year=2027, size=200).own_share, False)

    def test_a_size_of_0_of_former_versions_is_not_known(self):
        market, sized = self._market(), self._market(name="Sized", size=10)
        rule = "kpi_bi_market_size_positive"
        self.env.flush_all()
        self.cr.execute(SQL("ALTER TABLE kpi_bi_market DROP CONSTRAINT %s", SQL(rule)))
        self.cr.execute("UPDATE kpi_bi_market SET size = 0 WHERE id = %s", [market.id])
        market.init()
        self.env.invalidate_all()
        self.assertIs(market.size, False)
        self.assertEqual(sized.size, 10)

    def test_without_size_or_purchases_there_is_no_share(self):
        market = self._market(size=1000)
        self.assertIs(market.own_revenue, False)
        self._imported(SALES)
        self._run()
        self.assertIs(self._market(name="No size").own_share, False)

    def test_what_is_refused(self):
        market = self._market(size=1000)
        for values, reason in (
            ({"source": " "}, "enter text"),
            ({"date": "2026-01-11"}, "in the future"),
            ({"growth": -1.5}, "use -100% to 1,000%"),
            ({"size": float("nan")}, "not a finite number"),
        ):
            with self.subTest(values), self._refused(reason):
                market.write(values)
        refused = {"source": False}, {"size": -1}, {"size": 0}, {"year": 20}
        for values in refused:
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self._market(name="Other", **values)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._market(name="pumps")

    def test_shares_of_competitors_stay_below_the_market(self):
        market = self._market(size=1000)
        with self._refused("use 0% to 100%"):
            self._competitor(market, share=1.2)
        self._competitor(market, share=0.7)
        with self._refused("add up to 110%"):
            self._competitor(market, name="Other", share=0.4)
        self._competitor(market, name="Third", share=0.3)

    def test_a_category_of_a_market_stays(self):
        self._market(category_id=self.pumps.id)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.pumps.unlink()

    def test_threats_are_those_of_the_formula(self):
        self._imported(SALES)
        self._run()
        market = self._market(size=1000)
        known = {"share": 0.3, "growth": 0.1, "price_advantage": -0.05}
        rival = self._competitor(market, **known)
        expected = threat_score(own_share=0.1, **known)
        self.assertAlmostEqual(rival.score, expected.value, 1)
        market.size = 400  # the own share is larger then
        self.assertAlmostEqual(
            rival.score, threat_score(own_share=0.25, **known).value, 1
        )
        self.assertIs(self._competitor(market, name="Unknown").score, False)

    def test_opportunities_are_those_of_the_formula(self):
        self._imported(SALES)
        self._run()
        market = self._market(size=1000, growth=0.1)
        found = self.env["kpi.bi.opportunity"].create(
            {"name": "Service", "market_id": market.id, "size": 50, "fit": 0.9}
        )
        expected = assess_opportunity(
            size=50, own_revenue=100, growth=0.1, fit=0.9, ease=None
        )
        self.assertAlmostEqual(found.score, expected.value, 1)
        self.assertEqual(found.user_id, self.officer)
        with self._refused("use 0% to 100%"):
            found.ease = 2

    def test_everybody_has_one_vote(self):
        swot = self.env["kpi.bi.swot"].create({"name": "Fast", "kind": "strength"})
        reader = self._reader("bi_voter")
        own = swot.with_user(reader)
        with self.assertRaises(AccessError):
            own.voter_ids = [(4, reader.id)]
        with self.assertRaises(AccessError):
            swot.voter_ids = [(4, reader.id)]
        for voted in (1, 0, 1):
            own.action_vote()
            self.assertEqual(swot.vote_count, voted)
        swot.action_vote()
        self.assertEqual(swot.voter_ids, reader | self.officer)
        self.assertTrue(own.has_my_vote)
        self.assertEqual(swot.vote_count, 2)

    def test_who_may_do_what(self):
        market = self._market(size=1000)
        rival = self._competitor(market)
        swot = self.env["kpi.bi.swot"].create({"name": "Fast"})
        other = self.env["res.company"].sudo().create({"name": "Other"})
        reader, stranger = self._reader("bi_own"), self._reader("bi_other", other)
        for record in (market, rival, swot):
            own = record.with_user(reader)
            self.assertTrue(own.has_access("read"))
            with self.assertRaises(AccessError):
                own.name = "Changed"
            foreign = record.with_user(stranger).with_context(allowed_company_ids=None)
            self.assertFalse(foreign.has_access("read"))
        with self.assertRaises(AccessError):
            swot.with_user(stranger).with_context(
                allowed_company_ids=None
            ).action_vote()

    def test_the_page_says_shares_threats_and_opportunities(self):
        self._imported(SALES)
        self._run()
        page = self.env["kpi.bi.analysis"].get_page("market")
        self.assertEqual(page["sections"], [])
        self.assertIn("No markets yet", page["message"])
        market = self._market(size=1000, growth=0.1, category_id=self.pumps.id)
        tiny = self._market(name="Valves", size=10)
        rival = self._competitor(market, share=0.3)
        weak = self._competitor(market, name="Weak", growth=-0.3)
        found = self.env["kpi.bi.opportunity"].create(
            {"name": "Service", "market_id": market.id, "fit": 1}
        )
        # what was sold since counts with the next run
        self._imported(SALES.replace("30,Pumps", "80,Pumps"), repeated="replace")
        self._run()
        self.assertEqual((market.own_share, rival.score), (0.1, 75))
        page = self.env["kpi.bi.analysis"].get_page("market")
        shares, threats, chances, notes = page["sections"][:4]
        self.assertEqual(
            [row[0] for row in shares["rows"]], ["Pumps 2025", "Valves 2025"]
        )
        self.assertEqual(shares["rows"][0][4]["number"], 0.1)
        self.assertEqual(shares["rows"][0][5], "Rival 30%")
        self.assertEqual(
            shares["opens"][0],
            {
                "model": "kpi.bi.market",
                "method": "get_formview_action",
                "args": ([market.id],),
            },
        )
        names = [row[0] for row in threats["rows"]]
        self.assertEqual(names, [rival.display_name, weak.display_name])
        self.assertEqual(threats["rows"][0][1], "Pumps 2025")
        self.assertEqual(threats["rows"][0][2]["number"], 75)
        self.assertEqual(threats["rows"][0][4], "–")
        self.assertEqual(chances["rows"][0][0], found.display_name)
        self.assertIn("Valves 2025: own sales exceed", notes["notes"][0])
        self.assertGreater(tiny.own_share, 1)

    def test_shares_of_several_years_are_a_chart(self):
        self._imported(SALES)
        self._run()
        for year, size, rival in ((2024, 4000, 0.3), (2025, 1000, 0.4)):
            market = self._market(year=year, size=size)
            self._competitor(market, share=rival)
            if year == 2025:
                self._competitor(market, name="Newcomer", share=0.1)
        self._market(name="Valves", size=500)
        self._run()
        page = self.env["kpi.bi.analysis"].get_page("market")
        (section,) = (one for one in page["sections"] if one["kind"] == "chart")
        self.assertEqual(section["title"], "Pumps: shares over time")
        chart = section["tile"]["chart"]
        self.assertEqual(chart["categories"], ["2024", "2025"])
        shares = {one["name"]: one["values"] for one in chart["series"]}
        # 1,000 of 4,000 and 100 of 1,000; one year of the newcomer is no trend
        self.assertEqual(shares, {"Own share": [25, 10], "Rival": [30, 40]})

    def test_teams_beside_benchmarks(self):
        benchmarks = self.env["kpi.bi.benchmark"]
        for measure, middle, best in (("win_rate", 40, 60), ("deal_size", 100, 200)):
            benchmarks.create(
                {
                    "measure": measure,
                    "date_from": "2025-01-01",
                    "middle": middle,
                    "best": best,
                    "source": "Survey 2025",
                }
            )
        benchmarks.create(
            {"measure": "cycle_days", "date_from": "2025-01-01", "middle": 9}
        )
        teams = self.env["crm.team"].sudo().with_company(self.company)
        for name, won, lost, amount in (
            ("North", 6, 4, 150),
            ("South", 2, 8, 90),
            ("Few", 1, 1, 90),
        ):
            team = teams.create({"name": name, "company_id": self.company.id})
            leads = team.env["crm.lead"].create(
                [
                    {
                        "name": name,
                        "type": "opportunity",
                        "team_id": team.id,
                        "company_id": self.company.id,
                        "expected_revenue": amount,
                    }
                ]
                * (won + lost)
            )
            leads[:won].action_set_won()
            leads[won:].action_set_lost()
        self._run()
        page = self.env["kpi.bi.analysis"].get_page("performance")
        table, behind = page["sections"][:2]
        rows = {row[0]: row for row in table["rows"]}
        # win rate 60% as the best, deals in the middle between usual and best
        self.assertEqual(rows["North"][1]["number"], 87.5)
        self.assertEqual(rows["North"][2]["number"], 60)
        self.assertIn("Win Rate", rows["North"][-2])
        # 20%: as far below the usual as the best are above; two wins are too few
        self.assertEqual(rows["South"][1]["number"], 0)
        self.assertEqual(rows["South"][3], "–")
        self.assertEqual(rows["Few"][1], "–")
        self.assertEqual(len(behind["rows"]), 1)
        opened = behind["opens"][0]
        action = getattr(self.env[opened["model"]], opened["method"])(*opened["args"])
        self.assertEqual(action["res_model"], "kpi.action.item")
        self.assertIn("South", action["context"]["default_description"])

    def test_without_benchmarks_the_page_says_what_it_needs(self):
        self._run()
        page = self.env["kpi.bi.analysis"].get_page("performance")
        self.assertIn("benchmarks", page["message"])
