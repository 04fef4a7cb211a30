from odoo.tests import tagged

from odoo.addons.kpi_base.tests.import_case import month

from ..import_case import KpiImportCase

TARGETS = "kpi.import.kpi.target"


@tagged("post_install", "-at_install")
class TestKpiImportUnits(KpiImportCase):
    """Units in the titles of columns, and in a column of units."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().currency_id = cls.env.ref("base.EUR")
        cls.revenue = cls._kpi("revenue", "Revenue", unit="currency")
        cls.margin = cls._kpi("margin", "Margin", unit="percent")

    def _checked(self, content, **values):
        job = self._import(content, is_mapping_kept=False, **values)
        self.assertFalse(job.question)
        job.action_check()
        return job

    def test_a_factor_in_the_title_is_not_lost(self):
        for title in ("Value (TEUR)", "Value in Mio. €", "Value [k€]", "Value (k)"):
            job = self._checked(f"KPI,Month,{title}\nRevenue,2026-01,1.5\n")
            (reason,) = self._reasons(job).values()
            self.assertIn("Revenue is in EUR, not in", reason)
        job = self._checked("KPI,Month,Value (thousands)\nCalls,2026-01,1.5\n")
        self.assertIn("Calls is not in thousands", self._reasons(job)[2])
        # a number with its own unit
        job = self._checked("KPI,Month,Value (TEUR)\nRevenue,2026-01,1500 EUR\n")
        self.assertEqual(job.accepted_count, 1)

    def test_another_currency_in_the_title(self):
        job = self._checked("KPI,Month,Amount (USD)\nRevenue,2026-01,5\n")
        self.assertIn("in EUR, not in USD", self._reasons(job)[2])
        job = self._checked("KPI,Month,Actual (EUR)\nRevenue,2026-01,5\n")
        job.action_import_checked()
        self.assertEqual(self._values_of(self.revenue), {month(1, 2026): 5})

    def test_another_word_in_the_title(self):
        job = self._import("KPI,Month,Value (net)\nRevenue,2026-01,5\n")
        self._column(job, "Value (net)").key = "value"
        job.action_import()
        self.assertCounts(job, added=1)
        # A KPI without a unit has no other one.
        job = self._checked("KPI,Month,Value (days)\nCalls,2026-01,5\n")
        self.assertEqual(job.accepted_count, 1)

    def test_a_unit_of_time(self):
        self._kpi("handling", "Handling", unit="duration", duration_unit="hour")
        content = "KPI,Month,Value (%s)\nHandling,2026-01,5\n"
        job = self._checked(content % "min")
        self.assertIn("Handling is not in min", self._reasons(job)[2])
        self.assertEqual(self._checked(content % "h").accepted_count, 1)

    def test_targets_in_the_unit_of_their_title(self):
        content = "KPI,Valid from,Target (%s)\nRevenue,2026-01-01,≥ 5\n"
        job = self._checked(content % "TEUR", target_model=TARGETS)
        self.assertIn("in EUR, not in TEUR", self._reasons(job)[2])
        job = self._checked(content % "EUR", target_model=TARGETS)
        self.assertEqual(job.accepted_count, 1)

    def test_kpis_are_named_by_titles_with_their_units(self):
        job = self._checked(
            "Month,Revenue (EUR),Margin %,Calls\n2026-01,1000,20.5,5\n",
            creates_kpis=True,
        )
        self.assertFalse(job.created_text)
        job.action_import_checked()
        self.assertEqual(self._values_of(self.revenue), {month(1, 2026): 1000})
        self.assertEqual(self._values_of(self.margin), {month(1, 2026): 20.5})
        job = self._checked("Month,Revenue (TEUR),Calls\n2026-01,1,5\n")
        self.assertIn("in EUR, not in TEUR", self._reasons(job)[2])

    def test_a_kpi_whose_name_has_a_unit(self):
        net = self._kpi("net_teur", "Net (TEUR)", unit="custom", unit_symbol="TEUR")
        job = self._checked("Month,Net (TEUR),Calls\n2026-01,1,5\n")
        job.action_import_checked()
        self.assertEqual(self._values_of(net), {month(1, 2026): 1})

    def test_mapped_titles_keep_their_units(self):
        job = self._checked("Month,Revnue (TEUR),Calls\n2026-01,1,5\n")
        job.action_map("kpi_name", "Revnue (TEUR)", "revenue")
        self.assertIn("in EUR, not in TEUR", self._reasons(job)[2])

    def test_a_column_of_units(self):
        job = self._checked(
            "KPI,Unit,Month,Value\nRevenue,TEUR,2026-01,1.5\nMargin,EUR,2026-01,5\n"
            "Revenue,USD,2026-02,5\nRevenue,EUR,2026-03,5\nMargin,%,2026-03,5\n"
            "Calls,#,2026-03,5\nCalls,days,2026-04,5\nMargin,percent,2026-04,5\n"
        )
        reasons = self._reasons(job)
        self.assertEqual(reasons.keys(), {2, 3, 4})
        self.assertIn("in EUR, not in TEUR", reasons[2])
        self.assertIn("Margin is not in EUR", reasons[3])
        self.assertIn("in EUR, not in USD", reasons[4])
        self.assertEqual(job.check_page["refused"][0]["wrong"], [1])
