"""Analyses of purchases that were imported, and the KPIs they yield."""

from datetime import date, timedelta
from random import Random

from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.tests.common import ClockMixin, run_cron
from odoo.addons.kpi_base.tests.import_case import OFFICER, ImportCase

from ...models.kpi_bi_customer import FIGURES

GROUP = "kpi_bi_dashboard.kpi_bi_dashboard_group"
YEARS = """customer,date,amount
old,2023-05-01,10
kept,2024-03-01,100
left,2024-06-01,50
kept,2025-03-01,150
new,2025-06-01,30
"""


def make_purchases(customers=60, seed=2):
    """Lines of customers who buy at a rate of their own and may stop after each
    purchase, for as much as they usually do: as the models suppose."""
    rng, lines = Random(seed), []
    for number in range(customers):
        day = date(2024, 3, 1) + timedelta(rng.randrange(200))
        pause, stop = 5 + rng.gammavariate(1, 40), rng.betavariate(1, 3)
        usual = rng.gammavariate(4, 10)
        while day < date(2026, 1, 10):
            amount = round(usual * rng.gammavariate(5, 0.2) + 1, 2)
            lines.append(f"c{number},{day},{amount}\n")
            if rng.random() < stop:
                break
            day += timedelta(1 + int(rng.expovariate(1 / pause)))
    return "".join(lines)


class AnalysisCase(ClockMixin, ImportCase):
    """Purchases of a company that were imported, and an analyst who sees margins."""

    officer_groups = f"{OFFICER},{GROUP}_analyst,{GROUP}_margin"
    target_model = "kpi.import.purchase"

    def _run(self):
        """All analyses of the company, as its job does them."""
        job = self.env["kpi.job"].sudo()._enqueue_bi(self.company)
        run_cron(self, "kpi_base.kpi_job_cron")
        self.assertEqual(job.state, "done", job.error)


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestKpiBiAnalysis(AnalysisCase):
    def _result(self, name):
        return self.env["kpi.bi.result"]._find_latest(self.company, name)

    def _customer(self, reference):
        return self.env["kpi.bi.customer"].search([("reference", "=", reference)])

    def test_customers_have_figures(self):
        self._imported(YEARS)
        self._run()
        kept = self._customer("kept")
        self.assertEqual((kept.frequency, kept.monetary), (2, 250))
        self.assertEqual(str(kept.first_date), "2024-03-01")
        self.assertEqual(self._customer("new").churn_state, "new")
        self.assertEqual(self._customer("left").churn_state, "churned")
        segments = self._result("customers")._get_figures()["segments"]
        self.assertEqual(sum(one["customers"] for one in segments.values()), 4)

    def test_nothing_is_computed_twice(self):
        self._imported(YEARS)
        self._run()
        results = self.env["kpi.bi.result"].search(
            [("company_id", "=", self.company.id)]
        )
        self._run()
        again = self.env["kpi.bi.result"].search([("company_id", "=", self.company.id)])
        self.assertEqual(again, results)
        names = self.env["kpi.bi.analysis"]._list_analyses()
        self.assertLessEqual({*names}, {*results.mapped("analysis")})

    def test_cohorts_leave_out_months_that_are_not_over(self):
        self._imported(YEARS)
        self._run()
        figures = self._result("cohorts")._get_figures()
        self.assertEqual(figures["months"][0], "2023-05")
        # May 2023 to December 2025: January is not over
        self.assertEqual(len(figures["customers"][0]), 32)
        self.assertIsNone(figures["customers"][-1][-1])

    def test_few_customers_have_no_value_and_the_result_says_why(self):
        self._imported(YEARS)
        self._run()
        self.assertIn(
            "fewer than 20", self._result("lifetime_value")._get_figures()["problem"]
        )
        self.assertFalse(self._customer("kept").lifetime_value)

    def test_figures_of_the_last_run_alone(self):
        names = ("lifetime_value", "expected_purchases", "probability_alive")
        self._imported(YEARS + make_purchases())
        self._run()
        kept = self._customer("c59")
        self.assertEqual(str(kept.cutoff_date), "2026-01-10")
        self.assertTrue(all(kept[name] is not False for name in names))
        once = self.env["kpi.bi.customer"].search([("frequency", "=", 1)])
        self.assertEqual({*once.mapped("probability_alive")}, {False})
        self.assertTrue(all(once.mapped("expected_purchases")))

        # too few buy again for a model, and one has given all back
        gone = [f"c{number}" for number in range(45)]
        lines = self.env["kpi.bi.purchase.line"].sudo()
        lines.search([("customer_id.reference", "in", gone)]).unlink()
        self._imported("customer,date,amount\nold,2023-05-01,-30\n", name="back.csv")
        with self._at("2026-01-12 12:00:00"):
            self._run()
        self.assertEqual(str(kept.cutoff_date), "2026-01-12")
        self.assertEqual([kept[name] for name in names], [False] * 3)
        self.assertIs(kept.margin, False)
        self.assertTrue(kept.monetary and kept.frequency)
        old = self._customer("old")
        for name in (*FIGURES, "cutoff_date"):
            self.assertIs(old[name], False, name)
        (shown,) = old.web_read({"monetary": {}, "lifetime_value": {}})
        self.assertIs(shown["monetary"], False)

    def test_all_figures_of_customers_are_written_at_once(self):
        self._imported(YEARS)
        analyses = self.env["kpi.bi.analysis"].sudo()
        analyses._run_analysis("purchases", self.company)
        for name in ("customers", "lifetime_value"):
            analyses._run_analysis(name, self.company)
            with self.subTest(name=name):
                kinds = ("customers", "lifetime_value")
                newest = analyses._find_newest(kinds)
                self.assertEqual({*newest}, {*kinds})

    def test_an_empty_company(self):
        self._run()
        self.assertEqual(self._result("cohorts")._get_figures()["months"], [])

    def test_kpis(self):
        self._imported(YEARS)
        self._run()
        theme = self.env.ref("kpi_bi_dashboard.kpi_gallery_set_customers")
        theme.kpi_ids._turn_on()
        source = self.env["kpi.source"].sudo()
        source._recompute_all(date(2024, 1, 1), date(2026, 1, 10))
        values = {
            "customer_acquisition": {date(2025, 6, 1): 1, date(2025, 3, 1): 0},
            "churn_rate": {date(2025, 12, 1): 50, date(2024, 12, 1): None},
            # 150 of 150 that kept and left brought
            "nrr": {date(2025, 12, 1): 100},
        }
        for code, expected in values.items():
            for day, value in expected.items():
                fact = self.env["kpi.measurement"].search(
                    [
                        ("report_id.definition_id.code", "=", code),
                        ("report_id.company_id", "=", self.company.id),
                        ("grain", "=", "month"),
                        ("period_start", "=", day),
                    ]
                )
                with self.subTest(code=code, day=day):
                    self.assertEqual(fact.value if fact else None, value)

    def test_the_year_of_a_running_month_ends_today(self):
        self._imported(f"{YEARS}kept,2025-01-20,40\n")
        self._run()
        gallery = self.env["kpi.gallery.kpi"]
        gallery.search([("code", "=", "nrr")])._turn_on()
        reports = self.env["kpi.report"].search([("code", "=", "nrr")])
        calendar = reports.definition_id.calendar_id
        period = calendar._period("month", date(2026, 1, 1))
        analyses = self.env["kpi.bi.analysis"].sudo()
        ((*_key, value),) = analyses._get_facts(reports.definition_id, [period])
        # 190 now of the 150 that kept and left brought in the year to 10 January 2025
        self.assertAlmostEqual(value, 100 * 190 / 150)
