"""Numbers that appear on two screens are the same."""

from datetime import date

from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.tests.common import run_cron

from .test_kpi_bi_analysis import AnalysisCase, make_purchases

CODES = ("customer_acquisition", "churn_rate", "nrr")


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestOneAnswer(AnalysisCase):
    def _figures(self, name):
        result = self.env["kpi.bi.result"]._find_latest(self.company, name)
        return result._get_figures()

    def _page(self, name):
        return self.env["kpi.bi.analysis"].get_page(name)

    def _read_kpis(self):
        """Code → value by month, of the KPIs of customers."""
        reports = self.env["kpi.report"].search(
            [("definition_id.code", "in", CODES), ("company_id", "=", self.company.id)]
        )
        (series,) = reports._series("month", date(2025, 1, 1), date(2026, 1, 10))
        months = [f"{period.start:%Y-%m}" for period in series.periods]
        return {
            report.definition_id.code: dict(
                zip(months, series.values[series.row_of[report.id]], strict=True)
            )
            for report in reports
        }

    def test_numbers_on_two_screens_are_the_same(self):
        lines = ["first,2023-12-01,5", *make_purchases().splitlines()]
        lines += [f"new{number},2025-06-{number + 1:02},40" for number in range(5)]
        rows = [f"{line},{float(line.split(',')[-1]) / 2:.2f}" for line in lines]
        self._imported("\n".join(["customer,date,amount,margin", *rows]))
        self.env["kpi.bi.spend"].create(
            {"channel": "Ads", "day": "2025-11-05", "amount": 900}
        )
        ready = self.env["kpi.gallery.kpi"]
        ready.search([("code", "in", CODES)])._turn_on()
        for _turn in range(2):  # the KPIs are computed after the first one
            self._run()
            self.env["kpi.job"].sudo()._cron_bi()
            run_cron(self, "kpi_base.kpi_job_cron")
        cohorts, acquisition, customers, movements = map(
            self._figures, ("cohorts", "acquisition", "customers", "movements")
        )
        kpis = self._read_kpis()

        # new customers: marketing, cohorts and the KPI
        sizes = dict(zip(cohorts["months"], cohorts["sizes"], strict=True))
        for one in acquisition["months"]:
            month = one["month"]
            self.assertEqual(one["customers"], sizes.get(month, 0), month)
            self.assertEqual(one["customers"], kpis["customer_acquisition"][month])

        # margin per customer: marketing and cohorts
        (of_all, *_channels) = acquisition["margin"]["rows"]
        curve = cohorts["margin"]["mean_value"]
        self.assertGreater(of_all["months"], 12)
        self.assertEqual(of_all["months"], len(curve))
        self.assertAlmostEqual(of_all["value"], curve[-1])
        cost = acquisition["costs"][0]["cost"]
        self.assertAlmostEqual(of_all["value_to_cost"], curve[-1] / cost)
        reached = [at for at, value in enumerate(curve, 1) if value >= cost]
        self.assertEqual(of_all["payback"], reached[0] if reached else None)

        # retention of a year: movements and the KPI
        self.assertAlmostEqual(100 * movements["net"], kpis["nrr"]["2026-01"])

        # customers and their revenue: segments, tiers, states, lists
        listed = self.env["kpi.bi.customer"].search(
            [("company_id", "=", self.company.id)]
        )
        for part in ("segments", "tiers"):
            parts = customers[part].values()
            self.assertEqual(sum(one["customers"] for one in parts), len(listed))
            self.assertAlmostEqual(
                sum(one["revenue"] for one in parts), sum(listed.mapped("monetary")), 2
            )
        self.assertEqual(sum(customers["states"].values()), len(listed))
        for segment, one in customers["segments"].items():
            same = listed.filtered(lambda each, name=segment: each.segment == name)
            self.assertEqual(one["customers"], len(same))

        # one month's revenue: movements and cohorts
        column = movements["months"].index("2025-12")
        self.assertAlmostEqual(
            movements["after"][column], self._sum_of_month(date(2025, 12, 1)), 2
        )

    def _sum_of_month(self, day):
        rows = (
            self.env["kpi.bi.purchase"]
            .sudo()
            ._read_group(
                [("company_id", "=", self.company.id), ("day", ">=", day)],
                ["day:month"],
                ["amount:sum"],
            )
        )
        return dict(rows)[day]

    def test_one_name_is_one_number(self):
        """Segments and states of customers have no name in common."""
        fields = self.env["kpi.bi.customer"]._fields
        names = [
            {label for _name, label in fields[name]._description_selection(self.env)}
            for name in ("segment", "churn_state")
        ]
        self.assertFalse(names[0] & names[1])
