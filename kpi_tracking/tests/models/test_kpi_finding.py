from datetime import date

from odoo.tests import tagged

from ...engine.finding import MAX_FINDING
from .test_kpi_judged import KpiTargetCase

STEADY = [100, 102, 99, 101, 100, 98, 101, 100, 99]  # January to September


@tagged("post_install", "-at_install")
class TestKpiFinding(KpiTargetCase):
    """One sentence per period, by fixed rules; today is 20 November 2026."""

    def _of(self, name, values, target=None, **definition):
        """A KPI with values from January on, and a target."""
        months = {(2026, month): value for month, value in enumerate(values, 1)}
        known = {month: value for month, value in months.items() if value is not None}
        report = self._report(name, known, **definition)
        if target is not None:
            kind = "value" if isinstance(target, int) else "range"
            values = {"value": target}
            if kind == "range":
                values = dict(zip(("range_low", "range_high"), target, strict=True))
            self._target(report, (2026, 1), **values)
        return report

    def _finding(self, report, month):
        period = self.calendar._period("month", date(2026, month, 1))
        found = report._finding(period)
        self.assertLessEqual(len(found), MAX_FINDING)
        return found

    def test_a_closed_period_says_how_it_ended(self):
        for value, target, definition, expected in (
            (73, 100, {}, "Oct 2026 missed its target by 27%"),
            (104, 100, {}, "Oct 2026 beat its target by 4%"),
            (100, 100, {}, "Oct 2026 met its target"),
            (97, 100, {}, "Oct 2026 was on track, 3% off its target"),
            (99.5, 100, {}, "Oct 2026 was on track, 0.5% off its target"),
            # where lower is better
            (125, 100, {"direction": "lower"}, "Oct 2026 missed its target by 25%"),
            (80, 100, {"direction": "lower"}, "Oct 2026 beat its target by 20%"),
            (
                103,
                100,
                {"direction": "lower"},
                "Oct 2026 was on track, 3% off its target",
            ),
            # a range
            (15, (10, 20), {"direction": "range"}, "Oct 2026 ended within its range"),
            (25, (10, 20), {"direction": "range"}, "Oct 2026 ended outside its range"),
            # a target of nothing is reached or not
            (-1, 0, {}, "Oct 2026 missed its target"),
            (1, 0, {}, "Oct 2026 met its target"),
            (1, 0, {"direction": "lower"}, "Oct 2026 missed its target"),
            (0, 0, {"direction": "lower"}, "Oct 2026 met its target"),
            # a loss
            (-150, -100, {}, "Oct 2026 missed its target by 50%"),
            (-60, -100, {}, "Oct 2026 beat its target by 40%"),
            (-60, -100, {"direction": "lower"}, "Oct 2026 missed its target by 40%"),
            # points of a percentage
            (33, 40, {"unit": "percent"}, "Oct 2026 missed its target by 7 points"),
            (
                39,
                40,
                {"unit": "percent"},
                "Oct 2026 was on track, 1 point off its target",
            ),
            (41.04, 40, {"unit": "percent"}, "Oct 2026 beat its target by 1 point"),
            (40 + 1e-12, 40, {"unit": "percent"}, "Oct 2026 met its target"),
            # no share that would say more
            (5000, 1, {}, "Oct 2026 met its target"),
        ):
            with self.subTest(value=value, target=target, **definition):
                name = f"{value} of {target} {definition}"
                report = self._of(name, [None] * 9 + [value], target, **definition)
                self.assertEqual(self._finding(report, 10), expected)
                self.assertEqual(report.finding, expected)

    def test_a_running_period_says_how_it_is_so_far(self):
        so_far = 100 * 19 / 30  # are due
        for share, target, definition, expected in (
            (1.01, 100, {}, "on track so far, at 101% of its target to date"),
            (0.9, 100, {}, "at risk so far, at 90% of its target to date"),
            (0.5, 100, {}, "off track so far, at 50% of its target to date"),
            (2, -100, {}, "on track so far"),
            (0.5, 100, {"direction": "lower"}, "on track so far"),
        ):
            definition = {"aggregation_time": "sum", **definition}
            with self.subTest(share=share, target=target, **definition):
                name = f"{share} of {target} {definition}"
                values = [None] * 10 + [share * so_far]
                report = self._of(name, values, target, **definition)
                self.assertEqual(self._finding(report, 11), f"Nov 2026 is {expected}")
                self.assertEqual(report.finding, f"Nov 2026 is {expected}")

    def test_a_running_period_without_a_target_says_nothing(self):
        report = self._of("Open", [*STEADY, 150, 40])
        self.assertEqual(self._finding(report, 11), "")
        self.assertEqual(report.finding, "Oct 2026 rose far more than usual")

    def test_an_unusual_change_comes_before_the_target(self):
        for value, expected in (
            (121, "Oct 2026 rose 11× more than usual"),
            (107, "Oct 2026 rose 4× more than usual"),
            (106, "Oct 2026 beat its target by 6%"),
            (104, "Oct 2026 beat its target by 4%"),
            (10, "Oct 2026 fell far more than usual"),
        ):
            with self.subTest(value=value):
                report = self._of(f"To {value}", [*STEADY, value], 100)
                self.assertEqual(self._finding(report, 10), expected)
        report = self._of("New", [0, 0, 0, 0, 0, 3], 2)
        self.assertEqual(
            self._finding(report, 6), "Jun 2026 rose after no earlier changes"
        )

    def test_several_periods_in_a_row_where_there_is_no_share(self):
        report = self._of("Zero", [1, -1, -2, -1], 0)
        self.assertEqual(
            self._finding(report, 4), "Apr 2026 missed its target, 3 periods in a row"
        )
        self.assertEqual(self._finding(report, 3), "Mar 2026 missed its target")

    def test_a_streak_without_a_target(self):
        report = self._of("Rising", [5, 3, 4, 5, 6])
        self.assertEqual(self._finding(report, 5), "May 2026 rose, 3 periods in a row")
        self.assertEqual(self._finding(report, 4), "")

    def test_the_best_and_the_worst_for_long(self):
        values = [9, 5, 6, 5, 6, 5, 6, 5, 6.5]
        report = self._of("Best", values)
        self.assertEqual(
            self._finding(report, 9), "Sep 2026 was the best since Jan 2026"
        )
        cost = self._of("Worst", values, direction="lower")
        self.assertEqual(
            self._finding(cost, 9), "Sep 2026 was the worst since Jan 2026"
        )
        first = self._of("First", [6, 5, 6, 5, 6, 5, 6.5])
        self.assertEqual(self._finding(first, 7), "Jul 2026 was the best in 7 periods")

    def test_of_a_first_day_nothing_is_said_before_something_happens(self):
        for day, value, expected in (
            (1, 0, ""),
            (1, 3, "Nov 2026 is off track so far, at 3% of its target"),
            (2, 0, "Nov 2026 is off track so far, at 0% of its target"),
        ):
            with (
                self.subTest(day=day, value=value),
                self._at(f"2026-11-0{day} 12:00:00"),
            ):
                values = {(2026, 10): 98, (2026, 11): value}
                report = self._report("Orders", values, aggregation_time="average")
                self._target(report, (2026, 1), 100)
                self.assertEqual(self._finding(report, 11), expected)
                # The number of different customers can still grow.
                report = self._report("Customers", values, aggregation_time="none")
                self._target(report, (2026, 1), 100)
                self.assertEqual(self._finding(report, 11), "")

    def test_a_long_name_of_a_period_takes_a_shorter_sentence(self):
        odd = self.env["kpi.calendar"].create(
            {"name": "Odd", "tz": "UTC", "fiscal_month": "1", "fiscal_day": 15}
        )
        report = self._report(
            "Odd", calendar_id=odd.id, aggregation_time="sum", frequency="month"
        )
        self._target(report, (2026, 1), 100)
        period = odd._period("month", date(2026, 11, 20))
        rows = [(report.id, period.start, 50.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        found = report._finding(period)
        self.assertEqual(found, "Nov 15, 2026 – Dec 14, 2026 is on track so far")
        self.assertEqual(report.finding, found)
        for code in ("de_DE", "vi_VN", "hu_HU", "pt_BR"):  # long names of days
            self.env["res.lang"]._activate_lang(code)
            abroad = report.with_context(lang=code)
            label = abroad.definition_id.calendar_id._period_label(period)
            self.assertIn(label, abroad._finding(period))
            self.assertLessEqual(len(abroad._finding(period)), MAX_FINDING)

    def test_many_take_as_many_statements_as_one(self):
        reports = self.env["kpi.report"]
        for number in range(4):
            reports |= self._of(f"Many {number}", [*STEADY, 70 + number], 100)
        counts = []
        for some in (reports[:1], reports):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = some._get_findings()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(found), len(some))
        self.assertEqual(*counts)
