"""Pages that say results: to whom, and without what they may not see."""

import numpy as np

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.kpi_base.roles import USER

from ...analytics.data_models.customer_models import describe_customers
from ...models.kpi_bi_analysis import _expect_years
from ...models.page import Page
from .test_kpi_bi_analysis import GROUP, YEARS, AnalysisCase

MORE = YEARS + "".join(
    f"c{one},2025-{month:02}-{1 + one % 28:02},{10 * (one % 7 + 1)}\n"
    for one in range(60)
    for month in range(one % 9 + 1, 13, one % 4 + 1)
)


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestKpiBiPage(AnalysisCase):
    def _page(self, name, user=None):
        analyses = self.env["kpi.bi.analysis"]
        return analyses.with_user(user or self.env.user).get_page(name)

    def _reader(self, *roles):
        return new_test_user(
            self.env(su=True),
            "bi_reader",
            ",".join(["base.group_user", *(f"{GROUP}_{role}" for role in roles)]),
            company_id=self.company.id,
            company_ids=self.company.ids,
        )

    def _section(self, page, title):
        return next(one for one in page["sections"] if one["title"] == title)

    def test_without_purchases_a_page_says_what_it_needs(self):
        for name in ("customers", "cohorts", "cohorts:region", "lifetime_value"):
            self.assertTrue(self._page(name)["message"])
        self._run()
        self.assertIn("No purchases yet", self._page("customers")["message"])
        self.assertIn("No purchases yet", self._page("cohorts:region")["message"])

    def test_a_page_says_that_purchases_are_being_read(self):
        self._imported(YEARS)
        self.assertIn("being read", self._page("customers")["message"])
        self._run()
        page = self._page("customers")
        self.assertNotIn("message", page)
        self.assertEqual(page["cutoff"], "Jan 10, 2026")

    def test_an_interval_without_width_is_not_said(self):
        lives = {"median": 365, "interval": [365, 366], "years": [0.5]}
        page = Page(self.env)
        page.draw("lives", self.env["kpi.bi.analysis"]._get_lives(page, lives))
        self.assertNotIn("95%", page.sections[0]["help"])

    def test_later_years_of_customers_are_expected(self):
        # Fader & Hardie 2007, High End: seven years and what they expect of the next
        found = _expect_years([0.869, 0.743, 0.653, 0.593, 0.551, 0.517, 0.491])
        np.testing.assert_allclose(found, [0.460, 0.436, 0.414], atol=5e-4)
        self.assertEqual(len(_expect_years([0.9])), 0)  # one year fits any curve
        lives = {"median": None, "interval": [None, None]}
        lives |= {"years": [0.6, 0.5], "expected": [0.4]}
        page = Page(self.env)
        page.draw("lives", self.env["kpi.bi.analysis"]._get_lives(page, lives))
        (table,) = page.sections
        self.assertEqual(table["rows"][-1][0], "3 (forecast)")
        self.assertIn("sBG", table["help"])

    def test_an_empty_page_leads_to_what_it_needs(self):
        seller = self.env.ref("sales_team.group_sale_salesman")
        self.env(su=True).user.group_ids += seller
        analyses = self.env["kpi.bi.analysis"]
        needs = [n for n in analyses._list_analyses() if analyses._find_need(n)]
        self.assertEqual(len(needs), 8)
        for name in ("customers", *needs):
            with self.subTest(name=name):
                way = self._page(name)["way"]
                self.assertEqual(self.env.ref(way["action"]).name, way["name"])
        self.assertFalse(self._page("market", self._reader("user"))["way"])
        self._run()
        self.assertIn("No opportunities yet", self._page("pipeline_change")["message"])

    def test_imported_purchases_go_when_they_are_old(self):
        rows = ["customer,date,amount", "old,2020-01-05,10", "new,2026-01-05,20"]
        self._imported("\n".join(rows))
        self._run()
        lines, customers = self.env["kpi.bi.purchase.line"], self.env["kpi.bi.customer"]
        domain = [("company_id", "=", self.company.id)]
        lines.sudo()._gc_old()
        self.assertEqual(lines.search_count(domain), 2)  # none are deleted at first
        self.company.sudo().kpi_bi_purchase_days = 365
        self.env.flush_all()
        lines.sudo()._gc_old()
        self._run()
        self.assertEqual(lines.search(domain).mapped("amount"), [20])
        self.assertEqual(customers.search(domain).mapped("reference"), ["new"])

    def test_all_pages(self):
        self._imported(MORE)
        self._run()
        analyses = self.env["kpi.bi.analysis"]
        names = [
            n for n in analyses._list_analyses() if hasattr(analyses, f"_describe_{n}")
        ]
        for name in [*names, "cohorts:region", "cohorts:channel", "cohorts:category"]:
            with self.subTest(name=name):
                page = self._page(name)
                self.assertTrue(page["sections"] or page["message"])
                for section in page["sections"]:
                    for row in section.get("rows", []):
                        if section["kind"] == "table":
                            self.assertEqual(len(row), len(section["heads"]))
        self.assertEqual(self._page("customers")["titles"]["customers"], "Segments")

    def test_a_layout_is_translated_and_can_be_extended(self):
        self._imported(MORE)
        self._run()
        root = self.env(su=True)
        root["res.lang"]._activate_lang("fr_FR")
        layout = root.ref("kpi_bi_dashboard.page_customers")
        words = {"Tiers": "Classes", "{share:share} of all": "{share:share} de tous"}
        layout.update_field_translations("arch_db", {"fr_FR": words})
        root["ir.ui.view"].create(
            {
                "name": "More",
                "type": "qweb",
                "inherit_id": layout.id,
                "arch": """<table rows="tiers" position="inside">
                    <column string="Again" name="share" widget="percent" />
                </table>""",
            }
        )
        analyses = self.env["kpi.bi.analysis"].with_context(lang="fr_FR")
        page = analyses.get_page("customers")
        table = self._section(page, "Classes")
        self.assertEqual(table["heads"][-1], "Again")
        self.assertRegex(table["rows"][0][-1], r"^\d+\s%$")
        hints = [one["hint"] for one in page["sections"][0]["numbers"]]
        self.assertTrue(any(hint.endswith("de tous") for hint in hints), hints)
        self._section(self._page("customers"), "Tiers")

    def test_segments_and_who_opens_them(self):
        self._imported(MORE)
        self._run()
        table = self._section(self._page("customers"), "Segment details")
        self.assertEqual(sum(row[1]["number"] for row in table["rows"]), 64)
        self.assertAlmostEqual(sum(row[3]["number"] for row in table["rows"]), 1)
        opens = table["opens"][0]
        action = getattr(self.env[opens["model"]], opens["method"])(*opens["args"])
        found = self.env["kpi.bi.customer"].search_count(action["domain"])
        self.assertEqual(found, table["rows"][0][1]["number"])
        table = self._section(
            self._page("customers", self._reader("user")), "Segment details"
        )
        self.assertFalse(any(table["opens"]))

    def test_the_map_has_changes_and_customers_at_risk_have_a_next_step(self):
        self._imported(MORE)
        self._run()
        page = self._page("customers")
        tile = next(
            one["tile"] for one in page["sections"] if one["kind"] == "segment_map"
        )
        rows = {row["key"]: row for row in tile["segments"]["rows"]}
        since = np.datetime64("2026-01-10") - 91
        purchases, day = self.env["kpi.bi.analysis"]._read(self.company)
        before, now = (
            describe_customers(purchases, one).segment.tolist() for one in (since, day)
        )
        for key, row in rows.items():
            change = now.count(key) - before.count(key)
            self.assertEqual(int(row["change"].replace("−", "-").strip("±")), change)
        (title,) = (
            one["title"] for one in page["sections"] if one["kind"] == "segment_map"
        )
        self.assertIn("of revenue", title)
        at_risk = self.env["kpi.bi.customer"].search(
            [("company_id", "=", self.company.id), ("segment", "=", "at_risk")]
        )
        self.assertTrue(at_risk)
        table = self._section(page, "At risk: call these first")
        self.assertEqual(len(table["rows"]), min(len(at_risk), 5))
        opens = table["opens"][0]
        action = getattr(
            self.env[opens["model"]].browse(*opens["args"]), opens["method"]
        )
        self.assertEqual(action()["res_id"], at_risk[0].id)
        titles = [
            one["title"]
            for one in self._page("customers", self._reader("user"))["sections"]
        ]
        self.assertNotIn("At risk: call these first", titles)

    def test_margins_are_for_their_group(self):
        self._imported(YEARS.replace("\n", ",4\n").replace("amount,4", "amount,margin"))
        self._run()
        result = self.env["kpi.bi.result"]._find_latest(self.company, "customers")
        self.assertEqual(sum(result._get_figures()["margin"]["segments"].values()), 20)
        table = self._section(self._page("customers"), "Segment details")
        self.assertEqual(table["heads"][-1], "Margin")
        reader = self._reader("user")
        mine = result.with_user(reader)
        self.assertNotIn("margin", mine._get_figures())
        table = self._section(self._page("customers", reader), "Segment details")
        self.assertNotIn("Margin", table["heads"])
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            mine.read(["figures"])

    def test_half_of_the_customers_stay_for_so_long(self):
        self._imported("customer,date,amount\na,2022-01-10,1\nb,2023-01-10,1\n")
        self._run()
        table = self._section(self._page("cohorts"), "Customer lifetime")
        # both are gone a year after their only purchase
        self.assertEqual([row[1]["number"] for row in table["rows"]], [0, 0, 0, 0])

    def test_cohorts_by_the_first_category(self):
        toys, books = (
            self.env["product.category"].sudo().create({"name": name})
            for name in ("Toys", "Books")
        )
        self._imported(
            "customer,date,amount,category\na,2025-01-01,10,Toys\na,2025-02-01,5,Books\n"
            "b,2025-01-01,2,Toys\nb,2025-01-01,9,Books\nc,2025-01-01,9,\n"
        )
        self._run()
        page = self._page("cohorts:category")
        again = self._section(page, "Customers who bought again")
        rows = {row[0]: (row[1]["number"], row[2]["number"]) for row in again["rows"]}
        self.assertEqual(
            rows,
            {toys.name: (1, 1), books.name: (1, 0), "Unknown": (1, 0)},
        )
        self.assertEqual(len(page["choices"]), 4)

    def test_the_app_opens_the_dashboard_once_it_is_there(self):
        reader = self._reader("user")
        analyses = self.env["kpi.bi.analysis"].with_user(reader)
        self.assertEqual(analyses.open_dashboard()["path"], "bi-segments")
        ready = self.env.ref("kpi_bi_dashboard.kpi_gallery_dashboard_executive")
        values = {"name": ready.sudo().entry["name"], "company_id": self.company.id}
        values["group_ids"] = self.env.ref(USER).ids
        board = self.env["kpi.dashboard"].sudo().create(values)
        self.env.invalidate_all()
        opened = analyses.open_dashboard()
        self.assertEqual(opened["params"], {"dashboard_id": board.id})
        action = self.env.ref("kpi_bi_dashboard.kpi_bi_dashboard_action")
        self.assertEqual(action.with_user(reader).run(), opened)
        nobody = new_test_user(self.env(su=True), "bi_nobody", "base.group_user")
        with self.assertRaises(AccessError):
            action.with_user(nobody).run()

    def test_a_page_says_when_it_was_compared_and_what_failed(self):
        self._imported(MORE)
        self._run()
        computed = self._page("customers")["computed"]
        with self._at("2026-01-10 20:00:00"):
            self._run()
            self.assertGreater(self._page("customers")["computed"], computed)
            self.assertNotIn("failed", self._page("customers"))
            job = self.env["kpi.job"].sudo()._enqueue_bi(self.company)
            job.write({"state": "failed", "finished_at": "2026-01-10 20:05:00"})
            self.assertEqual(self._page("customers")["failed"], "2026-01-10 20:05:00")

    def test_who_may_not(self):
        with self.assertRaises(UserError):
            self._page("nothing")
        with self.assertRaises(UserError):
            self._page("purchases")
        with self.assertRaisesRegex(
            AccessError, "You are not allowed to access the executive"
        ):
            self._page("customers", self._reader())
        analyses = self.env["kpi.bi.analysis"]
        with self.assertRaises(UserError):
            reader = new_test_user(self.env(su=True), "bi_other", f"{GROUP}_user")
            analyses.with_user(reader).queue_update()
        analyses.queue_update()
        mine = [("kind", "=", "bi"), ("bi_company_id", "=", self.company.id)]
        self.assertEqual(self.env["kpi.job"].sudo().search_count(mine), 1)
