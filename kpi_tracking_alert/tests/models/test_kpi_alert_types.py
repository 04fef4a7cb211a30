from datetime import date, datetime

from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.models.entered_case import month

from .evaluation_case import EvaluationCase


@tagged("post_install", "-at_install")
class TestKpiAlertTypes(EvaluationCase):
    """Rules that wait for something else than a limit."""

    def _store_trend(self, course, change=-12.5):
        self.env["kpi.trend.analysis"].search([]).unlink()
        self.env["kpi.trend.analysis"].create(
            {
                "kpi_id": self.revenue.id,
                "course": course,
                "trend_periods": change,
                "period_count": 12,
            }
        )
        self.env["kpi.smart.alert"]._mark(self.revenue.ids)
        self._evaluate()

    def test_a_kpi_that_gets_worse(self):
        rule = self._evaluated(self.revenue, alert_type="trend_deterioration")
        self.assertFalse(self._open(rule))  # nothing is known of its trend
        self._store_trend("worse")
        event = self._open(rule)
        self.assertEqual(event.period_start, month("2026-02"))
        self.assertEqual(event.reason, "Getting worse: −12.5% over three periods")
        self._store_trend("steady")
        self.assertEqual((event.state, event.resolution), ("resolved", "cleared"))

    def test_a_trend_that_the_last_periods_do_not_follow_says_so(self):
        rule = self._evaluated(self.revenue, alert_type="trend_deterioration")
        event = self.events
        for change, said in (
            (114.3, "Long-term worsening, despite +114.3%"),
            (0.0, "Long-term worsening, despite ±0%"),
        ):
            self._store_trend("worse", change)
            event = event or self._open(rule)
            event.sudo().measured = change  # an open alert keeps what it began with
            self.assertEqual(event.reason, f"{said} over three periods")
        event.sudo().measured = 8.0
        self.revenue.definition_id.direction = "lower"
        event.invalidate_recordset()
        said = "Getting worse: +8% over three periods"
        self.assertEqual(event.reason, said)
        event.sudo().measured = 5518.0  # of almost nothing
        self.assertEqual(event.reason, "Getting worse")

    def test_a_trend_that_was_analysed_marks_its_kpi(self):
        values = {f"2024-{at:02}": 200 - 5 * at for at in range(1, 13)}
        values |= {f"2025-{at:02}": 140 - 5 * at for at in range(1, 13)}
        falling = self._entered("Falling", values | {"2026-01": 70, "2026-02": 65})
        rule = self._evaluated(falling, alert_type="trend_deterioration")
        self.env["kpi.predictive.analytics"]._analyse(falling)
        self._evaluate()
        self.assertEqual(self._open(rule).alert_type, "trend_deterioration")

    def _store_chance(self, **values):
        forecasts = self.env["kpi.predictive.analytics"]
        forecasts.search([]).unlink()
        forecasts.create(
            {
                "kpi_id": self.revenue.id,
                "period_start": month("2026-03"),
                "origin": "combination",
                "target_probability": 20.0,
                "expected_value": 80.0,
                **values,
            }
        )
        self.env["kpi.smart.alert"]._mark(self.revenue.ids)
        self._evaluate()

    def test_a_target_that_becomes_unlikely(self):
        rule = self._evaluated(self.revenue, alert_type="target_risk")
        self._store_chance(origin="too_short")
        self.assertFalse(self._open(rule))
        self._store_chance()
        event = self._open(rule)
        self.assertEqual((event.value, event.measured), (80, 20))
        self.assertEqual(event.reason, "Chance of reaching the target: 20%, below 50%")
        self._store_chance(target_probability=50.0)
        self.assertEqual((event.state, event.resolution), ("resolved", "cleared"))

    def _store_anomaly(self, **values):
        return self.env["kpi.anomaly"].create(
            {
                "report_id": self.revenue.id,
                "kind": "spike",
                "period_start": month("2026-02"),
                "period_last": month("2026-02"),
                "oddest_start": month("2026-02"),
                "value": 90.0,
                "expected": 120.0,
                "margin": 10.0,
                **values,
            }
        )

    def test_an_unusual_value(self):
        rule = self._evaluated(self.revenue, alert_type="anomaly_detected")
        anomaly = self._store_anomaly()
        self.env["kpi.smart.alert"]._mark(self.revenue.ids)
        self._evaluate()
        event = self._open(rule)
        self.assertEqual(event.reason, anomaly.description)
        self.assertIn("usually 120", event.reason)
        anomaly.action_dismiss()
        self.env["kpi.smart.alert"]._mark(self.revenue.ids)
        self._evaluate()
        self.assertEqual((event.state, event.resolution), ("resolved", "corrected"))

    def test_an_unusual_value_is_over_once_a_usual_one_comes(self):
        rule = self._evaluated(self.revenue, alert_type="anomaly_detected")
        self._store_anomaly()
        old = {"period_start": month("2025-06"), "period_last": month("2025-06")}
        self._store_anomaly(**old, oddest_start=month("2025-06"))
        self.env["kpi.smart.alert"]._mark(self.revenue.ids)
        self._evaluate()
        event = self._open(rule)
        self.assertEqual(event.period_start, month("2026-02"))
        with self._at("2026-04-02 08:00:00"):
            self._evaluate()
            self.assertEqual(event.state, "firing")  # March is not known
            self._change(self.revenue, {"2026-03": 121})
            self.assertEqual((event.state, event.resolution), ("resolved", "cleared"))

    def test_a_closed_period_that_becomes_another(self):
        values = {"alert_type": "restated", "restated_percent": 10.0}
        with self._at("2026-03-04 09:00:00"):
            rule = self._evaluated(self.revenue, **values, restated_after_days=2)
        self.env.cr.execute(
            "UPDATE kpi_measurement SET recorded_at = %s WHERE report_id = %s",
            (datetime(2026, 3, 1), self.revenue.id),
        )
        self._change(self.revenue, {"2026-02": 95})
        self.assertFalse(self._open(rule))  # 5.6%
        self._change(self.revenue, {"2026-02": 60})
        event = self._open(rule)
        self.assertEqual((event.period_start, event.value), (month("2026-02"), 60))
        self.assertAlmostEqual(event.measured, -100 / 3)
        self.assertEqual(event.reason, "Feb 2026 changed from 90.0 to 60.0: Entry")
        self._change(self.revenue, {"2026-02": 90})
        self.assertEqual((event.state, event.resolution), ("resolved", "cleared"))

    def test_a_value_that_vanishes_is_restated(self):
        rule = self._evaluated(self.revenue, alert_type="restated")
        self.env.cr.execute(
            "UPDATE kpi_measurement SET recorded_at = %s WHERE report_id = %s",
            (datetime(2026, 1, 1), self.revenue.id),
        )
        self._change(self.revenue, {"2025-02": None})
        event = self._open(rule)
        self.assertEqual(event.period_start, month("2025-02"))
        self.assertEqual(event.reason, "Feb 2025 changed from 100.0 to no value: Entry")
        # Whoever has seen to it hears of it no more.
        self._as(self.officer, event).action_resolve()
        with self._at("2026-03-06 10:00:00"):
            self.env["kpi.smart.alert"]._mark(self.revenue.ids)
            self._evaluate()
            self.assertFalse(self._open(rule))

    def test_no_new_value_for_some_working_days(self):
        rule = self._evaluated(
            self.revenue, condition="no_data", no_data_days=5, threshold=0
        )
        # March closed on a Tuesday; the fifth working day after it is 7 April.
        with self._at("2026-04-07 20:00:00"):
            self._evaluate()
            self.assertFalse(self._open(rule))
        with self._at("2026-04-08 00:01:00"):
            self._evaluate()
            event = self._open(rule)
            self.assertEqual(event.period_start, month("2026-03"))
            self.assertEqual(
                event.reason, "No value for Mar 2026; last value from Feb 2026"
            )
            self._change(self.revenue, {"2026-03": 5})
            self.assertEqual((event.state, event.resolution), ("resolved", "cleared"))

    def test_a_kpi_is_waited_for_since_it_is_tracked(self):
        new = self._entered("New", {})
        self.env.cr.execute(
            "UPDATE kpi_report SET create_date = '2026-03-01' WHERE id = %s", (new.id,)
        )
        rule = self._evaluated(new, condition="no_data", no_data_days=1, threshold=0)
        self.assertFalse(self._open(rule))  # February was over before
        with self._at("2026-04-03 00:01:00"):
            self._evaluate()
            event = self._open(rule)
            self.assertEqual(event.period_start, date(2026, 3, 1))
            self.assertEqual(event.reason, "No value for Mar 2026 or earlier")
