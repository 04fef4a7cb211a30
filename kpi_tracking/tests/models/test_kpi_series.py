from datetime import date, timedelta

import numpy as np

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .test_kpi_judged import TODAY, KpiTargetCase

NAN = np.nan
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
DAY = timedelta(days=1)


@freeze_time(TODAY)
@tagged("post_install", "-at_install")
class TestKpiSeries(KpiTargetCase):
    """Arrays of many KPIs say what a plain reading of their facts and targets says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fiscal = cls.env["kpi.calendar"].create(
            {"name": "Fiscal", "tz": "UTC", "fiscal_month": "4"}
        )
        rng = np.random.default_rng(7)
        cls.reports = cls.env["kpi.report"]
        for number in range(8):
            report = cls._report(
                f"KPI {number}",
                calendar_id=(cls.calendar, cls.fiscal)[number % 2].id,
                unit=("number", "percent", "number")[number % 3],
                direction=("higher", "lower", "range")[number % 3],
            )
            rows = [
                (report.id, date(2026, month, 1), float(rng.normal(50, 20)), load)
                for month, load in enumerate(rng.choice([None, 1.0, 4.0], 11), 1)
                if rng.random() < 0.7
            ]
            cls.env["kpi.measurement"]._upsert("month", rows, source="manual")
            for month in (1, 6):
                low, high = sorted(rng.uniform(20, 80, 2).tolist())
                is_range = report.direction == "range"
                ends = {"range_low": low, "range_high": high}
                cls._target(
                    report,
                    (2026, month),
                    **(ends if is_range else {"value": high, "baseline": low / 10}),
                )
            cls.reports |= report

    def _rows(self, found):
        """KPI → its series and the row that it has in it."""
        return {
            self.env["kpi.report"].browse(report_id): (series, row)
            for series in found
            for report_id, row in series.row_of.items()
        }

    def test_a_month_is_what_is_stored_of_it(self):
        facts = {
            (fact.report_id, fact.period_start): (fact.value, fact.weight or NAN)
            for fact in self.env["kpi.measurement"].search(
                [("report_id", "in", self.reports.ids), ("grain", "=", "month")]
            )
        }
        judged = {
            (judged_row.report_id, judged_row.period_start): judged_row
            for judged_row in self.env["kpi.target.value"].search(
                [("report_id", "in", self.reports.ids), ("grain", "=", "month")]
            )
        }
        found = self.reports._series("month", FIRST, LAST)
        self.assertEqual(len(found), 2, "one per calendar")
        rows = self._rows(found)
        self.assertEqual(rows.keys(), set(self.reports))
        self.assertGreater(len(facts), 40)
        for report, (series, row) in rows.items():
            self.assertEqual(len(series.periods), 12)
            for at, period in enumerate(series.periods):
                with self.subTest(report.name, start=period.start):
                    expected = facts.get((report, period.start), (NAN, NAN))
                    np.testing.assert_array_equal(
                        (series.values[row, at], series.weights[row, at]), expected
                    )
                    self._check_targets(
                        series, row, at, judged.get((report, period.start))
                    )

    def _check_targets(self, series, row, at, judged_row):
        """The targets of a period that has begun are those stored of it."""
        if series.periods[at].start > date(2026, 11, 20):
            return
        targets = series.targets
        for name, stored in (
            ("target", judged_row.target),
            ("baseline", judged_row.baseline),
            ("low", judged_row.range_low),
            ("high", judged_row.range_high),
        ):
            number = getattr(targets, name)[row, at]
            np.testing.assert_array_equal(number, NAN if stored is False else stored)
        if judged_row.rated_at:
            self.assertEqual(series.statuses[row, at], judged_row.status)
            np.testing.assert_array_equal(
                series.achievements[row, at],
                NAN if judged_row.achievement is False else judged_row.achievement,
            )

    def test_the_latest_period_is_judged_as_on_the_kpi(self):
        for report, (series, row) in self._rows(
            self.reports._series("month", FIRST, LAST)
        ).items():
            with self.subTest(report.name):
                at = series.index_of[report.current_period_start]
                self.assertEqual(series.values[row, at], report.current_value)
                self.assertEqual(series.statuses[row, at], report.status)
                due = series.get_due("target", (row, at))
                self.assertAlmostEqual(np.nan_to_num(due), report.target_value)

    def test_a_quarter_is_made_of_its_months(self):
        rows = self._rows(self.reports._series("quarter", FIRST, LAST))
        months = self.reports._values("month", FIRST, LAST)
        for report, (series, row) in rows.items():
            for at, quarter in enumerate(series.periods):
                parts = [
                    value
                    for start, value in months[report].items()
                    if quarter.start <= start < quarter.stop
                ]
                value = series.values[row, at]
                with self.subTest(report.name, start=quarter.start):
                    if not parts:
                        self.assertTrue(np.isnan(value))
                    elif report.aggregation_time == "sum":
                        self.assertAlmostEqual(value, sum(parts))
                    else:
                        self.assertTrue(min(parts) <= value <= max(parts))

    def test_values_alone_are_the_same_values(self):
        full = self._rows(self.reports._series("month", FIRST, LAST))
        alone = self.reports._series("month", FIRST, LAST, with_targets=False)
        for report, (series, row) in self._rows(alone).items():
            self.assertIsNone(series.statuses)
            judged, at = full[report]
            np.testing.assert_array_equal(series.values[row], judged.values[at])

    def test_calendars_and_kpis_take_no_more_statements(self):
        for grain in ("month", "quarter"):
            counts = []
            for chosen in (self.reports[:1], self.reports[:2], self.reports):
                chosen.definition_id.mapped("calendar_id.tz")
                chosen._series(grain, FIRST, LAST)  # what Odoo caches is read
                before = self.env.cr.sql_log_count
                chosen._series(grain, FIRST, LAST)
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(set(counts)), 1, (grain, counts))
            self.assertLessEqual(counts[0], 4)

    def test_a_stranger_gets_no_numbers(self):
        stranger = new_test_user(
            self.env, "series_stranger", groups="kpi_base.kpi_base_group_user"
        )
        with self.assertRaises(AccessError):
            self.reports.with_user(stranger)._series("month", FIRST, LAST)
