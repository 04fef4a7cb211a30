from datetime import date

from odoo.exceptions import AccessError, LockError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .baseline_case import BaselineCase


@freeze_time("2026-05-15 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiBaseline(BaselineCase):
    """Baselines and targets of KPIs, and how far these have come."""

    def test_progress_where_less_is_better(self):
        kpi = self._kpi()
        baseline = self._baseline(kpi)
        self.assertIs(baseline.progress, False)
        self._months(kpi, 18, 16, 14)
        baseline.invalidate_recordset()
        self.assertEqual(baseline.last_value, 14)
        self.assertEqual(baseline.last_period_start, date(2026, 3, 1))
        self.assertAlmostEqual(baseline.progress, 0.6)

    def test_progress_is_not_clamped(self):
        kpi = self._kpi(direction="higher")
        baseline = self._baseline(kpi, baseline_value=10, target_value=20)
        for value, progress in ((25, 1.5), (5, -0.5), (0, -1)):
            self._months(kpi, value)
            baseline.invalidate_recordset()
            self.assertAlmostEqual(baseline.progress, progress)

    def test_what_was_before_the_baseline_does_not_count(self):
        kpi = self._kpi()
        baseline = self._baseline(kpi)
        self._record(kpi, {date(2025, 12, 1): 3})
        self.assertIs(baseline.last_value, False)

    def test_baseline_equal_to_target(self):
        kpi = self._kpi()
        self._months(kpi, 15)
        baseline = self._baseline(kpi, target_value=20)
        self.assertIs(baseline.progress, False)
        self.assertIn("equal", baseline.warning)
        baseline.target_value = 10
        self.assertFalse(baseline.warning)

    def test_baseline_after_going_live(self):
        initiative = self._make()
        initiative.go_live_date = "2026-01-10"
        late = self._baseline(initiative=initiative, baseline_date="2026-02-01")
        self.assertIn("measured after go-live (Jan 10", late.warning)
        self.env["res.lang"]._activate_lang("de_DE")
        self.assertIn("10. Jan.", late.with_context(lang="de_DE").warning)
        late.baseline_date = "2026-01-09"
        self.assertFalse(late.warning)

    def test_one_month_of_a_seasonal_kpi(self):
        kpi = self._kpi()
        self._months(kpi, *range(1, 13), year=2025)
        self.env["kpi.trend.analysis"].search([("kpi_id", "=", kpi.id)]).unlink()
        self.env["kpi.trend.analysis"].create(
            {"kpi_id": kpi.id, "seasonality_detected": True, "season_length": 12}
        )
        baseline = self._baseline(kpi)
        self.assertIn("covers 1 of 12 seasonal periods", baseline.warning)
        baseline.write({"baseline_method": "window", "window_from": "2025-10-01"})
        self.assertIn("covers 3 of 12", baseline.warning)
        baseline.window_from = "2025-01-01"
        self.assertFalse(baseline.warning)

    def test_a_mean_is_frozen_with_its_spread(self):
        kpi = self._kpi()
        self._record(
            kpi,
            {date(2025, 10, 1): 19, date(2025, 11, 1): 20, date(2025, 12, 1): 24},
        )
        baseline = self._baseline(
            kpi, baseline_method="window", window_from="2025-10-01", baseline_value=0
        )
        self.assertEqual(baseline.baseline_value, 21)
        self.assertAlmostEqual(baseline.baseline_spread, 7**0.5)
        self.assertEqual(baseline.baseline_count, 3)
        self.assertFalse(baseline.correction_note)
        self._record(kpi, {date(2025, 12, 1): 27})
        baseline.invalidate_recordset()
        self.assertEqual(baseline.baseline_value, 21)
        self.assertIn("22", baseline.correction_note)
        with self.assertRaisesRegex(UserError, "is an average"):
            baseline.baseline_value = 5
        self._as(self.olga, baseline).action_freeze()
        self.assertEqual(baseline.baseline_value, 22)
        self.assertFalse(baseline.correction_note)
        baseline.write({"baseline_method": "entered", "baseline_value": 5})
        self.assertEqual(baseline.baseline_value, 5)
        self.assertFalse(baseline.frozen_at)

    def test_a_running_period_is_measured_and_not_part_of_the_mean(self):
        kpi = self._kpi()
        self._record(
            kpi,
            {date(2025, 10, 1): 20, date(2025, 11, 1): 22, date(2025, 12, 1): 14},
        )
        baseline = self._baseline(
            kpi,
            baseline_method="window",
            window_from="2025-10-01",
            baseline_date="2025-12-23",
            baseline_value=0,
        )
        self.assertEqual((baseline.baseline_value, baseline.baseline_count), (21, 2))
        self.assertEqual(baseline.last_value, 14)

    def test_a_mean_of_nothing_is_refused(self):
        with self.assertRaisesRegex(UserError, "no values"):
            self._baseline(baseline_method="window", window_from="2025-01-01")
        with self.assertRaisesRegex(ValidationError, "first and last day"):
            self._baseline(baseline_method="window", window_from="2026-01-01")

    def test_the_first_target_stays_known(self):
        baseline = self._baseline()
        self.assertFalse(baseline.is_target_moved)
        baseline.target_value = 12
        self.assertTrue(baseline.is_target_moved)
        self.assertEqual(baseline.original_target, 10)
        with self.assertRaises(AccessError):
            self._as(self.olga, baseline).original_target = 12

    def test_numbers_without_sense(self):
        baseline = self._baseline()
        names = ("baseline_value", "target_value", "unit_value", "control_baseline")
        for name in names:
            for value in (float("nan"), float("inf"), 1e300):
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    baseline[name] = value
                    self.env.flush_all()

    def test_trend_times_direction(self):
        kpi, more = self._kpi(), self._kpi("Visits", direction="higher")
        falling, other = self._baseline(kpi), self._baseline(more)
        self.assertFalse(falling.trend)
        trends = self.env["kpi.trend.analysis"]
        for one in kpi | more:
            trends.search([("kpi_id", "=", one.id)]).unlink()
            trends.create({"kpi_id": one.id, "velocity_low": -2, "velocity_high": -1})
        (falling | other).invalidate_recordset()
        self.assertEqual((falling.trend, other.trend), ("improving", "declining"))
        trends.search([("kpi_id", "=", kpi.id)]).velocity_high = 1
        falling.invalidate_recordset()
        self.assertEqual(falling.trend, "stable")

    def test_entering_a_measurement(self):
        kpi = self._kpi()
        baseline = self._as(self.olga, self._baseline(kpi))
        entry = baseline._enter_measurement(date(2026, 3, 10), 15, "Counted")
        self.assertEqual(entry.state, "approved")
        self.assertEqual((baseline.last_value, baseline.progress), (15, 0.5))
        with self.assertRaisesRegex(ValidationError, "after the baseline"):
            baseline._enter_measurement(date(2025, 12, 31), 15)
        with self.assertRaisesRegex(UserError, "reason"):
            baseline._enter_measurement(date(2026, 3, 10), 16)
        with self.assertRaises(AccessError):
            self._as(self.sue, baseline)._enter_measurement(date(2026, 4, 1), 1)

    def test_a_computed_kpi_takes_no_entry(self):
        kpi = self._kpi(computation="external")
        baseline = self._baseline(kpi)
        with self.assertRaises(LockError):
            baseline._enter_measurement(date(2026, 3, 10), 15)

    def test_kpis_of_others_are_refused(self):
        secret = self._kpi("Secret")
        secret.write({"owner_id": self.pia.id, "shared_user_ids": [(5,)]})
        initiative = self._as(self.olga, self._make())
        with self.assertRaises(AccessError):
            self._as(self.olga, self._baseline().browse()).create(
                {"initiative_id": initiative.id, "report_id": secret.id}
            )
        own = self._as(self.olga, self._baseline())
        for name in ("control_id", "adoption_id", "volume_id"):
            with self.assertRaises(AccessError), self.cr.savepoint():
                own[name] = secret
        with self.assertRaisesRegex(UserError, "cannot be replaced"):
            own.report_id = self._kpi("Third")
        far = self._make_far()
        with self.assertRaises(UserError):
            self._baseline(initiative=far)

    def test_the_initiative_stays_in_the_company_of_its_kpis(self):
        baseline = self._baseline()
        other = self.env["res.company"].create({"name": "Other"})
        self.olga.company_ids += other
        initiative = baseline.initiative_id
        with self.assertRaises(ValidationError):
            initiative.write(
                {"company_id": other.id, "department_id": False, "sponsor_id": False}
            )

    def test_deleting_a_proposal_leaves_the_values(self):
        kpi = self._kpi()
        self._months(kpi, 5)
        baseline = self._baseline(kpi)
        other = self._baseline(self._kpi("Other"))
        benefit = self._measured_benefit(other)
        self._as(self.olga, baseline.initiative_id).unlink()
        benefit.initiative_id.unlink()
        self.assertFalse((baseline | other).exists())
        self.assertFalse(benefit.exists())
        self.assertTrue(kpi.measurement_ids)
