from datetime import date

from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.models.entered_case import month

from .evaluation_case import EvaluationCase

FIRST = date(2026, 1, 1)


@tagged("post_install", "-at_install")
class TestKpiAlertFirstRecord(EvaluationCase):
    """A new company is alerted about nothing from before its first record."""

    def setUp(self):
        super().setUp()
        self.kpi = self._definition("Signed Deals", history_start=FIRST)
        self.report = self._track(self.kpi)

    def _deal(self, day):
        self.deals.create(
            {"x_date": day, "x_active": True, "x_company_id": self.company.id}
        )

    def _sweep(self):
        self.env["kpi.source"]._recompute_all()
        self.env["kpi.report"]._find_unjudged()._refresh_current()
        self._evaluate()

    def test_months_without_records_are_not_below_a_limit(self):
        rule = self._rule(self.report, compared="value", threshold=5)
        self._sweep()
        self.assertFalse(self._last(rule))
        self._deal("2026-03-02")
        self._sweep()
        self.assertFalse(self._last(rule))
        with self._at("2026-04-02 10:00:00"):
            self._sweep()
            self.assertEqual(self._last(rule).period_start, month("2026-03"))

    def test_a_first_target_after_three_weeks_says_nothing_of_last_month(self):
        for day in range(12, 29):
            self._deal(date(2026, 2, day))
        targets = self.env["kpi.target"].with_context(default_report_id=self.report.id)
        targets.create(
            {
                "report_id": self.report.id,
                "date_from": targets._default_date_from(),
                "value": 100,
            }
        )
        rule = self._rule(self.report)
        changed = self._rule(
            self.report, compared="previous", threshold=0, name="Fewer Than Before"
        )
        self._sweep()
        self.assertFalse(self._last(rule) | self._last(changed))
        with self._at("2026-04-02 10:00:00"):
            self._sweep()
            self.assertEqual(self._last(rule).period_start, month("2026-03"))

    def test_a_value_is_waited_for_since_the_first_record(self):
        self.env.cr.execute(
            "UPDATE kpi_report SET create_date = '2026-01-01' WHERE id = %s",
            (self.report.id,),
        )
        average = self._track(
            self._definition(
                "Hours of a Deal",
                measure="average",
                measure_field="x_hours",
                history_start=FIRST,
            )
        )
        self.env.cr.execute(
            "UPDATE kpi_report SET create_date = '2026-01-01' WHERE id = %s",
            (average.id,),
        )
        waits = {"condition": "no_data", "no_data_days": 1, "threshold": 0}
        counts = self._rule(self.report, **waits)
        averages = self._rule(average, **waits)
        self._sweep()
        self.assertFalse(self._open(counts) | self._open(averages))
        self._deal("2026-03-01")
        with self._at("2026-04-03 10:00:00"):
            self._sweep()
            self.assertFalse(self._open(counts))
            self.assertEqual(self._open(averages).period_start, month("2026-03"))
