from odoo import fields
from odoo.tests import TransactionCase, tagged

FIRST_DAYS = 5  # of a month: three without work, and what takes a while


@tagged("post_install", "-at_install")
class TestDemoExecutive(TransactionCase):
    """Customers of the demo company, on orders and what was imported of before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("kpi_demo.company_de")
        cls.clara = cls.env.ref("kpi_demo.user_clara_vogt")
        cls.dashboard = cls.env.ref("kpi_demo.kpi_dashboard_executive")
        # when nobody may have sold anything yet
        local = cls.clara.with_context(tz=cls.clara.tz)
        cls.is_month_new = fields.Date.context_today(local).day <= FIRST_DAYS

    def _as_clara(self, records):
        companies = {"allowed_company_ids": self.company.ids}
        return records.with_user(self.clara).with_context(**companies)

    def test_purchases_of_before_belong_to_the_customers_of_today(self):
        for key in ("de", "us"):
            job = self.env.ref(f"kpi_demo.kpi_import_purchase_{key}")
            self.assertEqual((job.state, job.refused_count), ("done", 0), job.error)
            company = self.env.ref(f"kpi_demo.company_{key}")
            customers = self.env["kpi.bi.customer"].search(
                [("company_id", "=", company.id)]
            )
            both = customers.filtered(lambda one: one.partner_key and one.reference)
            self.assertGreater(len(both), 30)
            states = set(customers.mapped("churn_state"))
            self.assertLessEqual({"active", "churned"}, states)
            results = self.env["kpi.bi.result"]
            value = results._find_latest(company, "lifetime_value").figures
            self.assertFalse(value["problem"])
            self.assertGreater(value["value"], 0)

    def test_each_tile_has_figures(self):
        answer = self._as_clara(self.dashboard).data()
        kinds = {tile["kind"] for tile in answer["tiles"]}
        self.assertLessEqual({"card", "triangle", "segment_map", "findings"}, kinds)
        for tile in answer["tiles"]:
            with self.subTest(tile=tile["title"], kind=tile["kind"]):
                if tile["state"] == "no_data" and tile["kind"] == "findings":
                    self.assertIn("No unusual values", tile["message"])
                    continue
                if tile["state"] == "no_data" and self.is_month_new:
                    self.assertRegex(tile["message"], "No value for|is 0")
                    continue
                self.assertIn(tile["state"], ("ok", "lazy"), tile["message"])

    def test_figures_are_those_of_a_sound_company(self):
        tiles = self._as_clara(self.dashboard).data()["tiles"]
        # of the month that is over
        cards = {
            one["title"]: one["kpi"]["previous"] for one in tiles if one.get("kpi")
        }
        for title, low, high in (
            ("Revenue", 250_000, 1_500_000),
            ("Gross Margin", 36, 46),
            ("Net Revenue Retention", 75, 140),
        ):
            self.assertTrue(low < cards[title] < high, (title, cards[title]))
        (line,) = (one for one in tiles if one["title"] == "Revenue and Forecast")
        self.assertTrue(line["chart"]["series"][0]["expected"])

    def test_customers_pay_for_what_they_cost(self):
        for key in ("de", "us"):
            company = self.env.ref(f"kpi_demo.company_{key}")
            results = self.env["kpi.bi.result"]
            figures = results._find_latest(company, "acquisition").figures
            cost = figures["costs"][1]  # of paid channels
            earned = figures["margin"]["rows"][1]
            self.assertGreater(cost["customers"], 8)
            self.assertTrue(3_000 < cost["cost"] < 40_000, cost)
            self.assertTrue(1 <= earned["payback"] <= 24, earned)
            self.assertTrue(1.5 < earned["value_to_cost"] < 12, earned)

    def test_the_bridge_closes(self):
        for key in ("de", "us"):
            company = self.env.ref(f"kpi_demo.company_{key}")
            results = self.env["kpi.bi.result"]
            steps = results._find_latest(company, "bridge").figures["steps"]
            ledger = steps.pop("ledger")
            if not self.is_month_new:
                self.assertGreater(steps["purchases"], 0)
                self.assertGreater(ledger, 0)
            self.assertEqual(round(sum(steps.values()) - ledger, 2), 0)

    def test_orders_are_invoiced_and_paid(self):
        for key in ("de", "us"):
            company = self.env.ref(f"kpi_demo.company_{key}")
            results = self.env["kpi.bi.result"]
            steps = results._find_latest(company, "funnel").figures["steps"]
            counts = {step["name"]: step["count"] for step in steps}
            self.assertTrue(10 < counts["paid"] < counts["order"], counts)
            orders = self.env["sale.order"].search(
                [
                    ("company_id", "=", company.id),
                    ("opportunity_id", "!=", False),
                    ("invoice_status", "=", "invoiced"),
                ]
            )
            self.assertGreater(len(orders), counts["paid"])
            for bill in orders.invoice_ids:
                own = bill.line_ids.sale_line_ids.order_id
                self.assertEqual(bill.amount_untaxed, own.amount_untaxed)
                self.assertEqual(bill.partner_id, own.partner_id)

    def test_benchmarks_are_those_of_the_demo_company_alone(self):
        benchmarks = self.env["kpi.bi.benchmark"].search([])
        self.assertTrue(benchmarks)
        companies = [self.env.ref(f"kpi_demo.company_{key}") for key in ("de", "us")]
        self.assertEqual(set(benchmarks.company_id), set(companies))
        self.assertTrue(all(benchmark.company_id for benchmark in benchmarks))

    def test_the_board_gets_it_by_mail(self):
        schedule = self.env.ref("kpi_demo.kpi_dashboard_schedule_executive")
        (mail,) = schedule._queue_mails({self.clara: None}, "demo")
        self.assertEqual(mail.user_id, self.clara)
        # What is said of the pipeline and of cohorts is a table where nothing is drawn.
        words = (
            "Executive Dashboard",
            "Key Findings",
            "Proposition",
            "Customer Cohorts",
        )
        for each in words:
            self.assertIn(each, mail.body)
        self.assertNotIn("on screen only", mail.body)
