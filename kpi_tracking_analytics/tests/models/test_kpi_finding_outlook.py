from odoo.tests import tagged

from odoo.addons.kpi_tracking.engine.finding import MAX_FINDING

from ...analytics.period_outlook import LIKELY_MISS
from .analysis_case import NOW, AnalysisCase, months, seasonal


@tagged("post_install", "-at_install")
class TestKpiFindingOutlook(AnalysisCase):
    """What findings say of the end of a running period, which is March 2026."""

    def _find(self, name, so_far, target, **definition):
        """The finding of a KPI with values like 140, and its outlook."""
        values = {**months(seasonal()), "2026-03": so_far}
        if isinstance(target, tuple):
            target = dict(zip(("range_low", "range_high"), target, strict=True))
        else:
            target = {"value": target}
        report = self._entered(name, values, **definition)
        self.env["kpi.target"].create(
            {"report_id": report.id, "date_from": "2025-01-01", **target}
        )
        with self._at(NOW):
            report._refresh_current()
        self._analyse(report)
        with self._at(NOW):
            report.invalidate_recordset()
            verdict = report._get_verdicts()[report]
            self.assertEqual(verdict.running.label, "Mar 2026")
            found = report._finding(verdict.running.period)
            self.assertEqual(report.finding, found)
        self.assertLessEqual(len(found), MAX_FINDING)
        self.assertTrue(verdict.outlook.is_miss, verdict.outlook)
        self.assertLess(verdict.outlook.chance, LIKELY_MISS)
        return found, verdict

    def _get_percent(self, verdict):
        gap = abs(verdict.outlook.value / verdict.running.judged.target - 1)
        return f"{100 * gap:.0f}%"

    def test_a_likely_miss_comes_first_with_its_gap(self):
        found, verdict = self._find("Low", 30.0, 300, aggregation_time="sum")
        self.assertEqual(verdict.running.judged.status, "off_target")
        gap = self._get_percent(verdict)
        self.assertEqual(found, f"Mar 2026 will likely end {gap} short")

    def test_a_period_that_is_on_track_so_far_says_both(self):
        found, verdict = self._find("Early", 70.0, 200, aggregation_time="sum")
        self.assertEqual(verdict.running.judged.status, "on_target")
        gap = self._get_percent(verdict)
        self.assertEqual(
            found, f"On track so far, but Mar 2026 will likely end {gap} short"
        )

    def test_where_lower_is_better_it_ends_over_target(self):
        found, verdict = self._find("Cost", 60.0, 50, direction="lower")
        gap = self._get_percent(verdict)
        self.assertIn(f"Mar 2026 will likely end {gap} over target", found)

    def test_a_range_is_left(self):
        found, _verdict = self._find("Range", 140.0, (10, 50), direction="range")
        self.assertEqual(found, "Mar 2026 will likely end outside its range")

    def test_the_list_of_likely_misses_has_the_same_limit(self):
        _found, _verdict = self._find("Listed", 30.0, 300, aggregation_time="sum")
        listed = self.analytics.search([("is_likely_miss", "=", True)])
        self.assertIn("Listed", listed.kpi_id.mapped("kpi_name"))
        others = self.analytics.search([("is_likely_miss", "=", False)])
        self.assertFalse(listed & others)
