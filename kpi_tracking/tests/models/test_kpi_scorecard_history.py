from datetime import date

from odoo.tests import freeze_time, tagged

from .test_kpi_scorecard import KpiScorecardCase


@tagged("post_install", "-at_install")
@freeze_time("2026-05-10 12:00")
class TestKpiScorecardHistory(KpiScorecardCase):
    """The history of a scorecard, and how it moved since the period before."""

    def _months(self, kpi, values, year=2026):
        for month, value in values.items():
            self._enter(kpi, value, date(year, month, 1))
        kpi._refresh_current()

    def _points(self, grain=None):
        history = self.env["kpi.report.group"].get_history(self.scorecard.id, grain)
        return {
            point["start"]: (point["value"], point["counted"])
            for point in history["points"]
            if point["value"] is not None
        }

    def test_each_month_weighs_what_was_known_of_it(self):
        sales, calls = self._kpi("Sales"), self._kpi("Calls")
        self._add(sales, calls)
        self._months(sales, {2: 60, 3: 80, 4: 200})
        self._months(calls, {3: 40, 4: 100})
        self.assertEqual(
            self._points(),
            {
                "2026-02-01": (60, 1),
                "2026-03-01": (60, 2),  # (80 + 40) / 2
                "2026-04-01": (100, 2),  # capped
            },
        )

    def test_an_archived_kpi_stays_in_the_course(self):
        sales, calls = self._kpi("Sales"), self._kpi("Calls")
        self._add(sales, calls)
        self._months(sales, {4: 80})
        self._months(calls, {4: 40})
        calls.active = False
        self.assertEqual(self.scorecard.achievement, 80)
        self.assertEqual(self._points(), {"2026-04-01": (60, 2)})

    def test_a_quarterly_kpi_counts_by_month_once_its_quarter_has_ended(self):
        quarterly = self._kpi("Audit", frequency="quarter", aggregation_time="last")
        self._add(quarterly)
        facts = self.env["kpi.measurement"]
        rows = [(quarterly.id, day, value) for day, value in QUARTERS]
        facts._upsert("quarter", rows, source="external")
        points = self._points()
        self.assertNotIn("2025-11-01", points)
        self.assertEqual(points["2025-12-01"], (50, 1))
        self.assertEqual(points["2026-02-01"], (50, 1))
        self.assertEqual(points["2026-03-01"], (90, 1))

    def test_a_longer_period_is_judged_as_a_whole(self):
        mood = self._kpi("Mood", aggregation_time="last", coarsest_grain="quarter")
        self._add(mood)
        self._months(mood, {1: 10, 2: 20, 3: 80})
        self.assertEqual(self._points("quarter"), {"2026-01-01": (80, 1)})

    def test_the_trend_compares_like_with_like(self):
        sales, calls, new = (self._kpi(name) for name in ("Sales", "Calls", "New"))
        self._add(sales, calls, new)
        self._months(sales, {3: 60, 4: 70})
        self._months(calls, {3: 80, 4: 100})
        self._months(new, {4: 0})
        # (70 + 100) / 2 - (60 + 80) / 2; the new KPI is no fall
        self.assertTrue(self.scorecard.has_trend)
        self.assertAlmostEqual(self.scorecard.trend, 15)

    def test_a_stale_kpi_has_not_moved(self):
        sales, calls = self._kpi("Sales"), self._kpi("Calls")
        self._add(sales, calls)
        self._months(sales, {3: 60, 4: 70})
        self._months(calls, {1: 20, 2: 100})
        self.assertAlmostEqual(self.scorecard.trend, 5)

    def test_there_is_no_trend_without_a_period_before(self):
        sales = self._kpi("Sales")
        self._add(sales)
        self._months(sales, {4: 70})
        self.assertFalse(self.scorecard.has_trend)
        self.assertEqual(
            self.scorecard.export_data(["trend"])["datas"], [[""]], "not 0"
        )

    def test_a_stranger_gets_no_course(self):
        stranger = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "stranger",
                "company_id": self.company.id,
                "company_ids": self.company.ids,
                "group_ids": self.env.ref("kpi_base.kpi_base_group_user").ids,
            }
        )
        groups = self.env["kpi.report.group"].with_user(stranger)
        self.assertEqual(groups.get_history(self.scorecard.id), {})

    def test_the_trends_of_a_list_cost_the_same_for_two_scorecards_as_for_ten(self):
        kpis = [self._kpi(f"KPI {n}") for n in range(6)]
        for kpi in kpis:
            self._months(kpi, {3: 60, 4: 70})
        groups = self.env["kpi.report.group"].create(
            [
                {
                    "name": f"Team {n}",
                    "line_ids": [(0, 0, {"report_id": kpi.id}) for kpi in kpis],
                }
                for n in range(10)
            ]
        )
        counts = []
        for some in (groups[:2], groups):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("trend")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)


QUARTERS = [(date(2025, 10, 1), 50.0), (date(2026, 1, 1), 90.0)]
