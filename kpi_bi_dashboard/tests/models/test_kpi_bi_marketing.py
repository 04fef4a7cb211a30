"""Spend and touches: how they come in, and what analyses make of them."""

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Date
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.kpi_base.tests.common import run_cron
from odoo.addons.kpi_base.tests.import_case import OFFICER

from ..analytics.public_data import DATA, read_rows
from ..analytics.test_marketing_models import CHANNELS
from .test_kpi_bi_analysis import GROUP, AnalysisCase

SPEND = """channel,day,amount,clicks
Ads,2026-01-05,100,40
ads ,2026-01-05,20,2
Mail,2026-01-06,30.5,
Ads,2026-01-05,50,10
"""
WIDE = """week,tv,print,total
2026-01-05,100,,100
2026-01-06,50.25,7,57.25
"""
# C1 > C2 > C3 > sale, C1, C2 > C3
TOUCHES = """user,time,channel,value
anna,2026-01-01 10:00,C1,
anna,2026-01-02 10:00,C2,
anna,2026-01-02 10:00,C3,90
bert,2026-01-03,C1,0
carl,2026-01-04T08:00:00+01:00,C2,
carl,2026-01-05,C3,
"""


class MarketingCase(AnalysisCase):
    target_model = "kpi.import.spend"

    def _spent(self):
        found = self.env["kpi.bi.spend"].search([], order="day, channel")
        return [(one.channel, str(one.day), one.amount, one.visits) for one in found]

    def _touched(self, content=TOUCHES, **values):
        return self._imported(content, target_model="kpi.import.touch", **values)


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestKpiBiSpend(MarketingCase):
    def test_rows_of_a_day_add_up_and_the_same_file_changes_nothing(self):
        self.assertCounts(self._imported(SPEND), added=3)
        expected = [
            ("Ads", "2026-01-05", 150, 50),
            ("ads", "2026-01-05", 20, 2),
            ("Mail", "2026-01-06", 30.5, 0),
        ]
        self.assertEqual(sorted(self._spent()), sorted(expected))
        self.assertCounts(self._imported(SPEND), equal=3)
        again = self._imported(SPEND.replace("30.5", "31"))
        self.assertCounts(again, changed=1, equal=2)
        self.assertIn(("Mail", "2026-01-06", 31, 0), self._spent())

    def test_a_column_for_each_channel(self):
        job = self._import(WIDE)
        self.assertIn("channel and amount columns", job.question)
        job = self._import(WIDE, channels="tv; print")
        self.assertFalse(job.question)
        job.action_import()
        self.assertCounts(job, added=3)
        self.assertEqual(self._spent()[1:], [
            ("print", "2026-01-06", 7, 0),
            ("tv", "2026-01-06", 50.25, 0),
        ])  # fmt: skip
        job = self._imported(WIDE.replace("total", "sum"), channels="radio")
        self.assertEqual(job.state, "failed")
        self.assertIn("radio", job.error)

    def test_rows_that_are_no_spend(self):
        job = self._imported(
            "channel,day,amount,visits\n,2026-01-05,5,\nA,,5,\nA,2026-01-05,5,-1\n"
            "A,2026-01-05,5,1.5\nA,2026-01,5,\nA,2026-01-05,-5,\nA,2031-01-05,5,\n"
        )
        reasons = self._reasons(job)
        self.assertEqual(sorted(reasons), [2, 3, 4, 5, 7, 8])
        self.assertIn("cannot be negative", str(reasons[7]))
        self.assertIn("in the future", str(reasons[8]))
        self.assertEqual(self._spent(), [("A", "2026-01-01", 5, 0)])

    def test_what_is_typed_stays_beside_what_is_imported(self):
        spend = self.env["kpi.bi.spend"]
        spend.create({"channel": "Ads", "day": "2026-01-05", "amount": 7})
        self._imported(SPEND)
        self.assertEqual(sum(amount for _c, _d, amount, _v in self._spent()), 207.5)
        with self.assertRaises(AccessError):
            spend.create({"channel": "Ads", "source": "imported"})
        for values in (
            {"channel": " "},
            {"channel": "A", "amount": float("nan")},
            {"channel": "A", "amount": -1},
            {"channel": "A", "day": "2031-01-05"},
        ):
            with self.assertRaises(ValidationError):
                spend.create({"amount": 1, **values})

    def test_costs_of_analytic_accounts(self):
        root = self.env(su=True)
        plan = root["account.analytic.plan"].search([("parent_id", "=", False)])[0]
        self.company.sudo().kpi_bi_spend_plan_id = plan
        account = root["account.analytic.account"].create(
            {"name": "Fair", "plan_id": plan.id, "company_id": self.company.id}
        )
        line = root["account.analytic.line"].create(
            {
                "name": "Booth",
                plan._column_name(): account.id,
                "amount": -800,
                "date": "2026-01-07",
                "company_id": self.company.id,
            }
        )
        spend = root["kpi.bi.spend"]
        spend._refresh_analytic(self.company)
        found = self.env["kpi.bi.spend"].search([])
        self.assertEqual(self._spent(), [("Fair", "2026-01-07", 800, 0)])
        spend._refresh_analytic(self.company)
        self.assertEqual(self.env["kpi.bi.spend"].search([]), found)
        line.amount = -900
        spend._refresh_analytic(self.company)
        self.assertEqual(self._spent(), [("Fair", "2026-01-07", 900, 0)])
        self.company.sudo().kpi_bi_spend_plan_id = False
        spend._refresh_analytic(self.company)
        self.assertFalse(self._spent())

    def test_who_may_not_import(self):
        reader = new_test_user(
            self.env(su=True),
            "bi_reader",
            f"{OFFICER},{GROUP}_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        for target in ("kpi.import.spend", "kpi.import.touch"):
            with self.assertRaises(AccessError):
                self.env[target].with_user(reader)._check_may_import()


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestKpiBiTouch(MarketingCase):
    def test_nobody_is_named_and_the_file_is_gone(self):
        job = self._touched()
        self.assertCounts(job, added=6)
        touches = self.env["kpi.bi.touch"].search([], order="moment, id")
        self.assertEqual(
            touches.mapped("channel"), ["C1", "C2", "C3", "C1", "C2", "C3"]
        )
        self.assertEqual([one.amount for one in touches[1:4]], [False, 90, False])
        self.assertEqual(str(touches[4].moment), "2026-01-04 07:00:00")
        self.assertEqual(len({*touches.mapped("person")}), 3)
        self.env.flush_all()
        job.invalidate_recordset()
        self.assertFalse(job.file)
        self.assertFalse(job.check_page)
        attachments = self.env["ir.attachment"].sudo()
        own = [("res_model", "=", "kpi.import"), ("res_id", "=", job.id)]
        self.assertFalse(attachments.search([*own, ("res_field", "!=", False)]))
        for table in ("kpi_bi_touch", "kpi_import", "kpi_import_column"):
            self.env.cr.execute(f"SELECT t::text FROM {table} AS t")
            text = str(self.env.cr.fetchall())
            for person in ("anna", "bert", "carl"):
                self.assertNotIn(person, text, table)

    def test_the_same_file_again_and_another_company(self):
        self._touched()
        self.assertCounts(self._touched(), equal=6)
        again = self._touched(TOUCHES.replace(",90", ",95"))
        self.assertCounts(again, changed=1, equal=5)
        touches = self.env["kpi.bi.touch"]
        other = self.env["res.company"].sudo().create({"name": "Other"})
        one, two = (
            touches._hash_person(each)("anna") for each in (self.company, other)
        )
        self.assertNotEqual(one, two)

    def test_rows_that_are_no_touch(self):
        job = self._import(
            "person,time,channel,bought\n,2026-01-05,A,\nA,1/2/26,A,\nA,2026-01-05,,no\n"
            "A,2026-01-05,,yes\n",
            target_model="kpi.import.touch",
        )
        job.action_check()
        self.assertEqual(sorted(self._reasons(job)), [2, 3, 4])
        job.action_import()
        touch = self.env["kpi.bi.touch"].search([])
        self.assertEqual((touch.channel, touch.amount), ("", 0))
        with self.assertRaises(AccessError):
            touch.amount = 5

    def test_old_ones_go(self):
        self._touched()
        touches = self.env["kpi.bi.touch"]
        touches.sudo()._gc_old()
        self.assertEqual(touches.search_count([]), 6)
        self.company.sudo().kpi_bi_touch_days = 7
        self.env.flush_all()
        touches.sudo()._gc_old()
        self.assertEqual(touches.search_count([]), 2)


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestKpiBiMarketing(MarketingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        product = {"name": "Thing", "type": "service"}
        cls.product = cls.env(su=True)["product.product"].create(product)

    def _figures(self, name):
        result = self.env["kpi.bi.result"]._find_latest(self.company, name)
        return result.sudo().figures

    def _page(self, name, user=None):
        analyses = self.env["kpi.bi.analysis"]
        return analyses.with_user(user or self.env.user).get_page(name)

    def _bought(self, content):
        return self._imported(content, target_model="kpi.import.purchase")

    def _reader(self, *roles):
        return new_test_user(
            self.env(su=True),
            "bi_reader",
            ",".join(["base.group_user", *(f"{GROUP}_{role}" for role in roles)]),
            company_id=self.company.id,
            company_ids=self.company.ids,
        )

    def _order(self, source, day, name, amount=100, confirm=True):
        """An order of a partner of its own with a source, as the superuser."""
        root = self.env(su=True)
        partner = root["res.partner"].search([("name", "=", name)])
        partner = partner or root["res.partner"].create({"name": name})
        sources = root["utm.source"]
        found = sources.search([("name", "=", source)]) or (
            sources.create({"name": source}) if source else sources
        )
        order = root["sale.order"].create(
            {
                "company_id": self.company.id,
                "partner_id": partner.id,
                "source_id": found.id,
                "order_line": [
                    (0, 0, {"product_id": self.product.id, "price_unit": amount,
                            "tax_ids": False})
                ],
            }
        )  # fmt: skip
        if confirm:
            order.action_confirm()
        order.date_order = f"{day} 12:00:00"
        return order

    def test_costs_by_channel(self):
        """Golden: 900 for 9 customers is 100; they earn 300 a month, paid in 3."""
        self.company.sudo().kpi_bi_purchase_source = "orders"
        self.env["kpi.bi.benchmark"].create(
            {"measure": "gross_margin", "date_from": "2020-01-01", "middle": 50}
        )
        for number in range(9):
            for month in ("09", "10", "11", "12"):
                day = f"2025-{month}-15"
                self._order("Ads", day, f"customer {number}", 200 / 3)
        self._order(False, "2025-09-20", "by word", 40)
        self._imported("channel,day,amount\nads,2025-09-01,900\nMail,2025-10-01,50\n")
        self._run()
        figures = self._figures("acquisition")
        every, paid, mail, ads = figures["costs"]
        self.assertEqual(
            (every["spend"], every["customers"], every["cost"]), (950, 10, 95)
        )
        self.assertEqual((paid["customers"], paid["cost"]), (9, 950 / 9))
        self.assertEqual((ads["channel"], ads["cost"]), ("ads", 100))
        self.assertLess(ads["low"], 100)
        self.assertGreater(ads["high"], 100)
        # no new customer: there is no cost of one, rather than 0
        self.assertEqual((mail["customers"], mail["cost"]), (0, None))
        of_ads = figures["margin"]["rows"][3]
        self.assertEqual((of_ads["payback"], of_ads["months"]), (3, 4))
        self.assertAlmostEqual(of_ads["value_to_cost"], 4 / 3, 2)
        self.assertAlmostEqual(of_ads["return_on_spend"], 1 / 3, 2)
        months = {one["month"]: one for one in figures["months"]}
        self.assertEqual(len(months), 12)
        self.assertEqual(months["2025-09"]["cost"], 90)
        self.assertIsNone(months["2025-10"]["cost"])
        self.assertEqual(months["2025-10"]["spend"], 50)
        with_margin = str(self._page("acquisition"))
        self.assertIn("LTV:CAC", with_margin)
        without = str(self._page("acquisition", self._reader("user")))
        self.assertIn("ads", without)
        for text in ("LTV:CAC", "Payback (months)", "Return on spend"):
            self.assertNotIn(text, without)

    def test_nothing_was_spent(self):
        self._bought("customer,date,amount\nA,2025-11-05,10\n")
        self._run()
        self.assertEqual(self._figures("acquisition")["costs"], [])
        for name, text in (
            ("acquisition", "No spend yet"),
            ("attribution", "Set sources on leads and orders"),
            ("funnel", "No CRM leads"),
        ):
            self.assertIn(text, self._page(name)["message"])
        (section,) = self._page("budget")["sections"]
        self.assertIn("0 so far", section["notes"][0])
        self.env["kpi.bi.spend"].create(
            {"channel": "Ads", "day": "2025-11-05", "amount": 0}
        )
        self._run()
        every, paid, ads = self._figures("acquisition")["costs"]
        self.assertEqual((every["cost"], paid["cost"], ads["cost"]), (0, None, None))
        self.assertIsNone(self._figures("acquisition")["margin"]["rows"][0]["payback"])
        sections = self._page("acquisition")["sections"]
        self.assertTrue(sections)
        # what is free pays for itself at once: no interval says more
        self.assertNotIn("ranges", [one["kind"] for one in sections])

    def test_credit_of_touches_is_the_published_example(self):
        self._touched()
        self._run()
        figures = self._figures("attribution")
        markov = figures["credits"]["markov"]
        for channel, share in {"C1": 0.2, "C2": 0.4, "C3": 0.4}.items():
            self.assertAlmostEqual(markov[channel], share)
        self.assertEqual(
            (figures["paths"], figures["successes"], figures["amount"]), (3, 1, 90)
        )
        page = self._page("attribution")
        self.assertIn("Not causal", str(page))
        ranges = next(one for one in page["sections"] if one["kind"] == "ranges")
        for row in ranges["rows"]:
            self.assertLessEqual(row["low"], row["value"])
            self.assertLessEqual(row["value"], row["high"])

    def test_worth_of_channels_together(self):
        """A alone 100 of 1000, B alone 50, both 300."""
        rows = [
            f"{way}{number},2026-01-0{place} 10:00,{channel},{'1' if won else ''}"
            for way, count in (("A", 100), ("B", 50), ("AB", 300))
            for number in range(1000)
            for place, channel in enumerate(way, 1)
            for won in [number < count and place == len(way)]
        ]
        self._touched("\n".join(["person,time,channel,value", *rows]))
        if self.env["kpi.import"].search([], limit=1).state == "queued":
            run_cron(self, "kpi_base.kpi_import_cron")
        self._run()
        figures = self._figures("attribution")
        self.assertEqual((figures["paths"], figures["successes"]), (3000, 450))
        credits = figures["credits"]
        self.assertAlmostEqual(credits["last"]["A"], 100 / 450)
        self.assertAlmostEqual(credits["linear"]["A"], (100 + 150) / 450)
        self.assertIn("exposure", credits)
        self.assertEqual((figures["lead"], figures["single_share"]), ("last", 2 / 3))
        page = str(self._page("attribution"))
        self.assertIn("By last channel: 67% of customer journeys", page)
        self.assertNotIn("Shapley", page)

    def test_channels_that_are_met_alone_have_what_they_sold(self):
        rows = [
            f"{channel}{number},2026-01-01 10:00,{channel},{amount}"
            for channel, won in (("Ads", 30), ("Mail", 10))
            for number in range(100)
            for amount in ["10" if number < won else ""]
        ]
        self._touched("\n".join(["person,time,channel,value", *rows]))
        self._run()
        page = self._page("attribution")
        (table,) = (one for one in page["sections"] if one["kind"] == "table")
        self.assertNotIn("By exposure", table["heads"])
        self.assertEqual(table["heads"][1], "Last channel")
        for row, share in zip(table["rows"], (0.75, 0.25), strict=True):
            for cell in row[1:-1]:
                self.assertAlmostEqual(cell["number"], share)
        self.assertIn("too few customers met several channels", str(page))

    def test_sources_of_leads_and_orders_are_touches(self):
        self._order("Ads", "2025-12-01", "one", 70)
        self._order("Mail", "2025-12-05", "one", 30, confirm=False)
        self._order("Fair", "2026-01-20", "late", 30)
        root = self.env(su=True)
        source = root["utm.source"].create({"name": "Search"})
        lead = root["crm.lead"].create(
            {"name": "Lead", "source_id": source.id, "company_id": self.company.id}
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = '2025-12-20' WHERE id = %s", [lead.id]
        )
        self._run()
        figures = self._figures("attribution")
        self.assertEqual((figures["paths"], figures["successes"]), (3, 1))
        self.assertEqual(figures["credits"]["last"], {"Ads": 1, "Mail": 0, "Search": 0})
        self.assertEqual(figures["amount"], 70)

    def test_spend_of_years_without_a_sale_is_no_advice(self):
        first = Date.to_date("2023-12-04")
        days = [Date.add(first, weeks=week) for week in range(105)]
        self.env["kpi.bi.spend"].create(
            [{"channel": "Web", "day": day, "amount": 5} for day in days]
        )
        self._run()
        self.assertEqual(self._figures("budget")["problem"], "revenue")
        self.assertIn("no sales for 26 weeks", str(self._page("budget")))

    def test_moves_of_spend_that_models_agree_on(self):
        """The public weeks of Robyn, by the wizard; see ``test_marketing_models``."""
        if not DATA.is_dir():
            self.skipTest(f"{DATA} is not there, see KPI_DATA")
        path = DATA / "marketing/robyn_weekly_spend.csv"
        self._imported(path.read_text(), channels="; ".join(CHANNELS))
        weeks = read_rows("marketing/robyn_weekly_spend.csv")
        self._bought(
            "customer,date,amount\n"
            + "".join(f"all,{row['DATE']},{row['revenue']}\n" for row in weeks)
        )
        self.assertEqual(self.env["kpi.bi.spend"].search_count([]), 5 * 208)
        self._run()
        figures = self._figures("budget")
        self.assertEqual((figures["weeks"], figures["problem"]), (208, ""))
        self.assertAlmostEqual(figures["naive_error"], 0.158, 3)
        self.assertAlmostEqual(figures["fits"][0]["error"], 0.1185, 3)
        self.assertEqual(figures["tried"], 25)
        self.assertIn(["tv_S", "facebook_S"], figures["moves"])
        self.assertNotIn(["search_S", "facebook_S"], figures["moves"])
        self.assertIn("Not causal", str(self._page("budget")))

    def test_spend_by_month_says_nothing_of_weeks(self):
        spend = self.env["kpi.bi.spend"]
        spend.create(
            [
                {"channel": "Ads", "day": f"{2023 + at // 12}-{at % 12 + 1:02}-01",
                 "amount": 5}
                for at in range(36)
            ]
        )  # fmt: skip
        self._bought("customer,date,amount\nA,2025-11-05,10\n")
        self._run()
        self.assertEqual(self._figures("budget")["problem"], "months")
        self.assertIn("weekly spend is unknown", str(self._page("budget")))

    def test_funnel(self):
        """100 visits, 4 leads, 3 of them qualified, 2 with an offer, 1 ordered."""
        root = self.env(su=True)
        spend = self.env["kpi.bi.spend"]
        spend.create({"channel": "Web", "day": "2025-06-01", "visits": 100})
        spend.create({"channel": "Web", "day": "2026-01-01", "visits": 900})
        leads = root["crm.lead"].create(
            [
                {"name": str(number), "company_id": self.company.id, "type": kind,
                 "partner_id": root["res.partner"].create({"name": "P"}).id}
                for number, kind in enumerate(("lead", *["opportunity"] * 3))
            ]
        )  # fmt: skip
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = '2025-06-02' WHERE id = ANY(%s)",
            [leads.ids],
        )
        orders = [
            self._order(False, day, f"P{number}")
            for number, day in enumerate(("2025-06-20", "2025-12-20"))
        ]
        for lead, order in zip(leads[1:], orders, strict=False):
            order.opportunity_id = lead
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = '2025-06-12' WHERE id = ANY(%s)",
            [[order.id for order in orders]],
        )
        self._run()
        steps = self._figures("funnel")["steps"]
        self.assertEqual(
            [(step["name"], step["count"]) for step in steps],
            [("visit", 100), ("lead", 4), ("qualified", 3), ("proposal", 2),
             ("order", 1), ("paid", 0)],
        )  # fmt: skip
        # of one order nobody can say how many are paid
        self.assertFalse(any(step["is_bottleneck"] for step in steps))
        self.assertIn("No clear bottleneck", str(self._page("funnel")))

    def test_nothing_of_another_company(self):
        other = self.env(su=True)["res.company"].create({"name": "Other"})
        self.env["kpi.bi.spend"].sudo().create(
            {"channel": "Theirs", "day": "2025-12-01", "amount": 5, "visits": 7,
             "company_id": other.id}
        )  # fmt: skip
        self._touched()
        self.env.cr.execute("UPDATE kpi_bi_touch SET company_id = %s", [other.id])
        self._run()
        self.assertEqual(self._figures("acquisition")["costs"], [])
        self.assertEqual(self._figures("attribution")["credits"], {})
        self.assertEqual(self._figures("budget")["channels"], [])
        self.assertEqual(self._figures("funnel")["steps"][0]["name"], "lead")
        with self.assertRaises(AccessError):
            self.env["kpi.bi.spend"].create({"channel": "A", "company_id": other.id})
        action = self.env["kpi.bi.spend"].open_channel(other.id, "Theirs")
        self.assertFalse(self.env["kpi.bi.spend"].search(action["domain"]))

    def test_a_channel_opens_only_its_own_spend(self):
        spend = self.env["kpi.bi.spend"]
        for channel in ("Ads_1", "Ads 1", "ads_1"):
            spend.create({"channel": channel, "day": "2025-12-01", "amount": 5})
        action = spend.open_channel(self.env.company.id, "Ads_1")
        found = spend.search(action["domain"])
        self.assertEqual(set(found.mapped("channel")), {"Ads_1", "ads_1"})
