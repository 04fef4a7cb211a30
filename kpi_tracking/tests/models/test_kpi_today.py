from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..common import KpiCase

JANUARY, FEBRUARY, MARCH = (date(2023, month, 1) for month in (1, 2, 3))


@tagged("post_install", "-at_install")
class TestKpiToday(KpiCase):
    """“today” is the last day of an elapsed period, and today in the running one."""

    def _deal(self, day=None, **values):
        return self.deals.create(
            {
                "x_date": day,
                "x_active": True,
                "x_company_id": self.company.id,
                **values,
            }
        )

    def _counted(self, domain, moment="2023-03-15 12:00:00", **values):
        """The monthly counts of ``domain`` as seen at ``moment``."""
        definition = self._definition(domain=str(domain), **values)
        (report,) = self._track(definition)
        with self._at(moment):
            self._compute(JANUARY, None)
        return report

    def _months(self, *values):
        return dict(zip((JANUARY, FEBRUARY, MARCH), values, strict=False))

    def _deals_due(self, *due):
        """A deal of each month, due on the day given for it."""
        for month, day in zip((JANUARY, FEBRUARY, MARCH), due, strict=True):
            self._deal(month, x_closed_date=day)

    def test_before_today_means_before_the_last_day_of_the_period(self):
        self._deals_due("2023-01-30", "2023-02-28", "2023-03-14")
        report = self._counted([("x_closed_date", "<", "today")])
        self.assertValues(report, self._months(1, 0, 1))

    def test_until_today_holds_the_last_day_itself(self):
        self._deals_due("2023-01-31", "2023-03-01", "2023-03-15")
        report = self._counted([("x_closed_date", "<=", "today")])
        self.assertValues(report, self._months(1, 0, 1))

    def test_today_with_an_offset(self):
        # 30 days before 31 January, 28 February and 15 March
        self._deals_due("2023-01-01", "2023-01-28", "2023-02-13")
        report = self._counted([("x_closed_date", ">=", "today -30d")])
        self.assertValues(report, self._months(1, 0, 1))
        report = self._counted([("x_closed_date", "=", "today -30d")], name="Exactly")
        self.assertValues(report, self._months(1, 0, 1))

    def test_an_offset_alone_counts_from_now(self):
        # As Odoo reads “-1w”; seven days before the end of each period.
        self._deals_due("2023-01-24", "2023-02-23", "2023-03-08")
        report = self._counted([("x_closed_date", "<=", "-1w")])
        self.assertValues(report, self._months(1, 0, 1))

    def test_today_behind_a_path_and_in_a_nested_filter(self):
        stages = self.env["x_kpi_stage"].create(
            [{"x_name": day, "x_since": day} for day in ("2023-01-31", "2023-02-10")]
        )
        for month in (JANUARY, FEBRUARY):
            for stage in stages:
                self._deal(month, x_stage_id=stage.id)
        for number, domain in enumerate(
            (
                [("x_stage_id.x_since", "<", "today")],
                [("x_stage_id", "any", [("x_since", "<", "today")])],
            )
        ):
            report = self._counted(domain, name=f"Path {number}")
            self.assertValues(report, self._months(0, 2, 0))

    def test_a_denied_condition_takes_the_rest(self):
        self._deals_due("2023-01-30", "2023-02-28", False)
        report = self._counted(["!", ("x_closed_date", "<", "today")])
        self.assertValues(report, self._months(0, 1, 1))

    def test_moments_are_compared_with_local_midnights(self):
        # The last day of January in Auckland starts on the 30th at 11:00 UTC.
        calendar = self._create_calendar("Pacific/Auckland")
        for stamp in ("2023-01-30 10:59:59", "2023-01-30 11:00:00"):
            self._deal(JANUARY, x_at=stamp)
        for operator, expected in (("<", 1), (">=", 1), ("<=", 2), (">", 0)):
            report = self._counted(
                [("x_at", operator, "today")],
                name=f"{operator.count('=')} {operator}",
                code=f"at_{len(self.env['kpi.definition'].search([]))}",
                calendar_id=calendar.id,
            )
            self.assertEqual(self._values(report)[JANUARY], expected, operator)

    def test_now_is_the_end_of_the_period_and_the_moment_in_the_running_one(self):
        self._deal(JANUARY, x_at="2023-01-31 23:59:59")
        self._deal(FEBRUARY, x_at="2023-03-01 00:00:01")
        self._deal(MARCH, x_at="2023-03-15 11:59:59")
        self._deal(MARCH, x_at="2023-03-15 12:00:01")
        report = self._counted([("x_at", "<", "now")])
        self.assertValues(report, self._months(1, 0, 1))

    def test_other_words_for_dates_are_refused(self):
        for value in ("=monday", "yesterday", "today =week_start", ""):
            with (
                self.subTest(value),
                self.assertRaisesRegex(ValidationError, "is not a valid date"),
                self.cr.savepoint(),
            ):
                self._definition(domain=str([("x_date", "<", value)]))
        today = "Deals.*today"
        with self.assertRaisesRegex(ValidationError, today), self.cr.savepoint():
            self._definition(domain=str([("x_date", "in", ["2023-01-01", "today"])]))
        with self.assertRaisesRegex(ValidationError, "or = with “today”"):
            self._definition(domain=str([("x_date", "ilike", "today")]))

    def test_the_running_period_moves_on_without_a_change_of_records(self):
        self._deals_due(False, False, "2023-03-17")
        report = self._counted([("x_closed_date", "<=", "today")])
        self.assertValues(report, self._months(0, 0, 0))
        with self._at("2023-03-17 00:00:01"):
            self._compute(JANUARY, None)
            self.assertValues(report, self._months(0, 0, 1))

    def test_a_period_is_judged_by_its_end_once_it_has_ended(self):
        # No run between the 15th and the end of March.
        self._deals_due(False, False, "2023-03-20")
        for domain, name in (
            ([("x_closed_date", "<=", "today")], "today"),
            ([("x_closed_date", "<=", "-1d")], "offset"),
        ):
            report = self._counted(domain, name=name)
            self.assertEqual(self._values(report)[MARCH], 0)
            with self._at("2023-04-02 12:00:00"):
                self._compute(JANUARY, None)
                self.assertEqual(self._values(report)[MARCH], 1)
                self.assertEqual(self._compute(JANUARY, None, force=True), 0)

    def test_an_open_record_closes_on_its_planned_day(self):
        self._deal("2023-03-01", x_closed_date="2023-03-20")
        report = self._counted([], kind="stock", date_to_field="x_closed_date")
        self.assertValues(report, self._months(None, None, 1))
        with self._at("2023-04-02 12:00:00"):
            self._compute(JANUARY, None)
            self.assertEqual(self._values(report)[MARCH], 0)

    def test_open_records_at_a_moment(self):
        values = {"kind": "stock", "date_field": "x_at", "date_to_field": "x_closed_at"}
        # closed at the very end of January, not within it: open at its end
        self._deal(x_at="2023-01-10 08:00:00", x_closed_at="2023-02-01 00:00:00")
        # closed in the last second: not open
        self._deal(x_at="2023-01-10 08:00:00", x_closed_at="2023-01-31 23:59:59")
        # opened in the first second of February
        self._deal(x_at="2023-02-01 00:00:00")
        # opened and closed later today
        self._deal(x_at="2023-03-15 12:00:01")
        report = self._counted([], **values)
        self.assertValues(report, self._months(1, 1, 1))

    def test_a_snapshot_is_taken_until_its_period_closes_and_never_again(self):
        first = self._deal()
        report = self._counted([], kind="snapshot")
        self.assertValues(report, {MARCH: 1})
        self._deal()
        with self._at("2023-03-31 23:00:00"):
            self._compute(JANUARY, None)
            self.assertValues(report, {MARCH: 2})
        with self._at("2023-04-01 01:00:00"):
            self._compute(JANUARY, None)
            self.assertValues(report, {MARCH: 2, date(2023, 4, 1): 2})
        first.unlink()
        with self._at("2023-04-02 01:00:00"):
            self._compute(JANUARY, None)
            self._compute(JANUARY, None, force=True)
            self.assertValues(report, {MARCH: 2, date(2023, 4, 1): 1})

    def test_a_snapshot_missed_at_the_close_is_taken_by_the_first_run_after_it(self):
        self._deal()
        report = self._counted([], kind="snapshot", moment="2023-03-15 12:00:00")
        self._deal()
        with self._at("2023-04-03 01:00:00"):
            self._compute(JANUARY, None)
            self.assertValues(report, {MARCH: 2, date(2023, 4, 1): 2})
