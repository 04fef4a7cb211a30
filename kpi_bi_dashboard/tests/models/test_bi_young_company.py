"""Every page of a company that has sold for days or weeks only."""

from datetime import date, timedelta

from odoo.tests import freeze_time, tagged

from .test_kpi_bi_analysis import AnalysisCase

TODAY = date(2026, 1, 10)
PARTS = ("cohorts:region", "cohorts:channel", "cohorts:category", "bridge:year")
TILES = ("triangle", "segment_map", "ranges", "findings")


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestYoungCompany(AnalysisCase):
    def _sold(self, customers, days):
        """A file of ``customers`` who began to buy up to ``days`` ago; every other one
        bought again today."""
        rows = ["customer,date,amount,margin"]
        for one in range(customers):
            first = TODAY - timedelta(days - one * days // customers)
            rows.append(f"c{one},{first},{10 + one},4")
            if one % 2 == 0:
                rows.append(f"c{one},{TODAY},{20 + one},8")
        return "\n".join(rows)

    def _spent(self, days):
        """Spend of a channel, a market and an open deal, all as young."""
        first = str(TODAY - timedelta(days))
        mine = {"company_id": self.company.id}
        self.env["kpi.bi.spend"].create(
            {**mine, "channel": "Ads", "day": first, "amount": 30}
        )
        root = self.env(su=True)
        market = {"name": "Home", "year": 2026, "size": 1000, "source": "Guess"}
        root["kpi.bi.market"].create({**mine, **market})
        root["crm.lead"].create({**mine, "name": "Deal", "type": "opportunity"})

    def _check_pages(self):
        """Open every page and draw every tile."""
        analyses = self.env["kpi.bi.analysis"]
        names = [
            name
            for name in analyses._list_analyses()
            if hasattr(analyses, f"_describe_{name}")
        ]
        for name in [*names, *PARTS]:
            with self.subTest(page=name):
                page = analyses.get_page(name)
                self.assertTrue(page["sections"] or page["message"])
        tiles = [(0, 0, {"kind": kind, "name": kind}) for kind in TILES]
        tiles += [
            (0, 0, {"kind": "ranges", "name": name, "bi_analysis": name})
            for name in names
        ]
        values = {"name": "Young", "tile_ids": tiles, "company_id": self.company.id}
        for tile in self.env["kpi.dashboard"].create(values).data()["tiles"]:
            with self.subTest(tile=tile["title"]):
                self.assertNotIn(tile.get("state"), ("error", "failed"), tile)

    def _try_pages(self, customers, days):
        self._imported(self._sold(customers, days))
        self._spent(days)
        self._run()
        self._check_pages()
        segments = self.env["kpi.bi.analysis"].get_page("customers")["sections"]
        (table,) = (one for one in segments if one["title"] == "Segment details")
        self.assertEqual(sum(row[1]["number"] for row in table["rows"]), customers)

    def test_no_customer(self):
        self._run()
        self._check_pages()
        self._spent(3)
        self._run()
        self._check_pages()

    def test_1_customers_of_3_days(self):
        self._try_pages(1, 3)

    def test_1_customers_of_20_days(self):
        self._try_pages(1, 20)

    def test_1_customers_of_60_days(self):
        self._try_pages(1, 60)

    def test_20_customers_of_3_days(self):
        self._try_pages(20, 3)

    def test_20_customers_of_20_days(self):
        self._try_pages(20, 20)

    def test_20_customers_of_60_days(self):
        self._try_pages(20, 60)
