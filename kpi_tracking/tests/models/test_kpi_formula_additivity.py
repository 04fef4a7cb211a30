import importlib.util
from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.misc import file_path

from .test_kpi_judged import KpiTargetCase

SEPTEMBER, OCTOBER, NOVEMBER = ((2026, month) for month in (9, 10, 11))
FIRST, LAST = date(2026, 9, 1), date(2026, 11, 30)


@tagged("post_install", "-at_install")
class TestKpiFormulaAdditivity(KpiTargetCase):
    """A formula of what adds up over time is compared as its parts are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods = cls._report("Goods", {SEPTEMBER: 60, OCTOBER: 70, NOVEMBER: 0})
        cls.services = cls._report(
            "Services", {SEPTEMBER: 30, OCTOBER: 20, NOVEMBER: 0}
        )

    def _formula(self, name, formula, **values):
        return self._report(
            name,
            computation="formula",
            formula=formula,
            history_start=FIRST,
            **values,
        )

    def _compute(self):
        self.env["kpi.definition"]._recompute_formulas(FIRST, LAST)

    def test_sums_of_what_adds_up_add_up_over_any_number_of_steps(self):
        revenue = self._formula("Revenue", "goods + services")
        double = self._formula("Double", "2 * revenue")
        share = self._formula("Share", "100 * goods / revenue", unit="percent")
        rest = self._formula("Rest", "revenue - share")
        points = self._formula("Points", "goods + services", unit="score")
        found = [
            kpi.aggregation_time for kpi in revenue | double | share | rest | points
        ]
        self.assertEqual(found, ["sum", "sum", "formula", "formula", "formula"])

    def test_a_running_period_is_not_due_on_its_first_day(self):
        with self._at("2026-11-01 12:00:00"):
            revenue = self._formula("Revenue", "goods + services")
            for report in (revenue, self.goods):
                self._target(report, SEPTEMBER, 100)
            self._compute()
            for report in (revenue, self.goods):
                self.assertEqual(report.current_value, 0)
                self.assertEqual(report.status, "not_due", report.name)
                self.assertEqual(report.achievement, 0)
        # Later, both have as much to reach as days are over.
        with self._at("2026-11-16 12:00:00"):
            self.env["kpi.report"]._find_unjudged()._refresh_current()
            for report in (revenue, self.goods):
                self.assertEqual(report.target_value, 50, report.name)
                self.assertEqual(report.status, "off_target")

    def test_a_quarter_is_compared_with_the_targets_of_its_months(self):
        revenue = self._formula("Revenue", "goods + services", coarsest_grain="year")
        self._target(revenue, (2026, 1), 100)
        self._compute()
        (third, fourth) = list(self._judged(revenue, "quarter").values())[-2:]
        self.assertEqual((third.value, third.target), (90, 300))
        self.assertEqual((fourth.value, fourth.target), (90, 300))
        (year,) = self._judged(revenue, "year").values()
        self.assertEqual((year.value, year.target), (180, 1200))

    def test_it_follows_its_parts_and_itself(self):
        revenue = self._formula("Revenue", "goods + services")
        double = self._formula("Double", "2 * revenue")
        self._target(double, SEPTEMBER, 100)
        self._compute()
        kpis = [revenue.definition_id, double.definition_id]

        def get_found():
            return [kpi.aggregation_time for kpi in kpis]

        self.goods.definition_id.aggregation_time = "average"
        self.assertEqual(get_found(), ["formula", "formula"])
        self.assertEqual(double.target_value, 100)
        self.goods.definition_id.aggregation_time = "sum"
        self.assertEqual(get_found(), ["sum", "sum"])
        self.assertLess(double.target_value, 100)
        kpis[0].formula = "goods * services"
        self.assertEqual(get_found(), ["formula", "formula"])

    def test_all_versions_have_to_add_up(self):
        revenue = self._formula("Revenue", "goods + services").definition_id
        self._compute()
        revenue._change({"formula": "max(goods, services)"}, date(2026, 10, 1))
        self.assertEqual(revenue.aggregation_time, "formula")
        revenue._change({"formula": "goods"}, date(2026, 10, 1))
        self.assertEqual(revenue.aggregation_time, "sum")

    def test_adding_up_what_does_not_is_refused(self):
        share = self._formula("Share", "goods / services").definition_id
        with self.assertRaisesRegex(ValidationError, "do not add up"):
            share.aggregation_time = "sum"
        with self.assertRaisesRegex(ValidationError, "only formulas"):
            self._formula("Revenue", "goods", aggregation_scope="sum")

    def test_an_upgrade_finds_those_that_add_up(self):
        revenue = self._formula("Revenue", "goods + services").definition_id
        share = self._formula("Share", "goods / services").definition_id
        meaning = revenue._hash_certified()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE kpi_definition SET aggregation_time = 'formula' WHERE id = %s",
                revenue.id,
            )
        )
        self.env.invalidate_all()
        path = "kpi_tracking/migrations/19.0.1.7.0/end-additive-formulas.py"
        spec = importlib.util.spec_from_file_location("additive", file_path(path))
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.1.6.0")
        self.env.invalidate_all()
        self.assertEqual(revenue.aggregation_time, "sum")
        self.assertEqual(share.aggregation_time, "formula")
        self.assertEqual(revenue._hash_certified(), meaning, "it means what it meant")
