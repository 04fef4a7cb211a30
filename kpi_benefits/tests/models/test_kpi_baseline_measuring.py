from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from ..engine.attribution import difference_in_differences
from .baseline_case import BaselineCase

EMPTY = [None] * 6


@freeze_time("2026-07-15 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiBaselineMeasuring(BaselineCase):
    """Benefits that are worked out from the values of KPIs."""

    def _simple(self, **values):
        kpi = self._kpi()
        baseline = self._baseline(kpi, **{"unit_value": 100, **values})
        return kpi, baseline, self._measured_benefit(baseline)

    def test_value_of_the_improvement(self):
        kpi, _baseline, benefit = self._simple()
        self.assertEqual(self._realized(benefit), EMPTY)
        self._months(kpi, 18, 16, 22)
        self.assertEqual(self._realized(benefit), [200, 400, -200, *EMPTY[3:]])
        self.assertEqual(benefit.realized_value, 400)
        self.assertTrue(benefit.has_value)
        measured = benefit.period_ids.mapped("is_measured")
        self.assertEqual(measured, [True] * 3 + [False] * 3)

    def test_values_that_were_there_count_at_once(self):
        kpi = self._kpi()
        self._months(kpi, 18)
        baseline = self._baseline(kpi, unit_value=100)
        self.assertEqual(self._realized(self._measured_benefit(baseline))[0], 200)

    def test_a_removed_value_is_not_known(self):
        kpi, _baseline, benefit = self._simple()
        self._months(kpi, 18, 16)
        self._record(kpi, {date(2026, 1, 1): None, date(2026, 2, 1): 15})
        self.assertEqual(self._realized(benefit)[:2], [None, 500])
        self.assertEqual(benefit.realized_value, 500)

    def test_more_is_better(self):
        kpi = self._kpi(direction="higher")
        baseline = self._baseline(kpi, unit_value=3, target_value=30)
        benefit = self._measured_benefit(baseline)
        self._months(kpi, 25, 15)
        self.assertEqual(self._realized(benefit)[:2], [15, -15])

    def test_control_adoption_volume_and_share(self):
        control, adoption = self._kpi("Control"), self._kpi("Use", unit="percent")
        volume = self._kpi("Invoices", aggregation_time="sum")
        kpi, baseline, benefit = self._simple(
            control_id=control.id,
            control_baseline=19,
            adoption_id=adoption.id,
            volume_id=volume.id,
        )
        baseline.share_ids.share = 25
        self._months(kpi, 14)
        self.assertEqual(self._realized(benefit)[0], None)
        self._months(control, 17)
        self._months(adoption, 80)
        self.assertEqual(self._realized(benefit)[0], None)
        self._months(volume, 30)
        change = difference_in_differences(20, 14, 19, 17)  # −4: less is better
        expected = round(-change * 100 * 0.8 * 30 * 0.25, 2)
        self.assertEqual(self._realized(benefit), [expected, *EMPTY[1:]])
        self._months(control, 16)
        self.assertEqual(self._realized(benefit)[0], round(3 * 100 * 24 * 0.25, 2))

    def test_a_share_holds_from_the_next_month_on(self):
        kpi, baseline, benefit = self._simple()
        self._months(kpi, 10, 10, 10)
        baseline.write(
            {"share_ids": [(0, 0, {"date_from": "2026-02-10", "share": 50})]}
        )
        self.assertEqual(self._realized(benefit)[:3], [1000, 1000, 500])

    def test_each_change_of_the_baseline_counts(self):
        kpi, baseline, benefit = self._simple()
        self._months(kpi, 10)
        for values, expected in (
            ({"unit_value": 7}, 70),
            ({"baseline_value": 30}, 140),
            ({"baseline_date": "2026-01-31"}, None),
            ({"baseline_date": "2026-01-15"}, 140),
            ({"unit_value": False}, None),
            ({"unit_value": 1}, 20),
        ):
            baseline.write(values)
            self.assertEqual(self._realized(benefit)[0], expected, values)

    def test_a_running_period_of_what_is_computed_is_no_month_yet(self):
        kpi, _baseline, benefit = self._simple()
        kpi.definition_id.write(
            {
                "computation": "records",
                "model_name": "res.partner",
                "date_field": "create_date",
                "domain": "[('id', '=', 0)]",
            }
        )
        with freeze_time("2026-05-15 12:00:00"):
            self._record(kpi, {date(2026, 4, 1): 18, date(2026, 5, 1): 4}, "computed")
        self.assertEqual(self._realized(benefit)[3:5], [200, None])
        with freeze_time("2026-06-01 03:00:00"):
            self.env["kpi.baseline"]._measure_closed()
        self.assertEqual(self._realized(benefit)[3:5], [200, 1600])

    def test_months_follow_the_direction_of_the_kpi(self):
        kpi, _baseline, benefit = self._simple()
        self._months(kpi, 18, 16)
        kpi.definition_id.direction = "higher"
        self.assertEqual(self._realized(benefit)[:2], [-200, -400])
        self.assertEqual(benefit.realized_value, -600)

    def test_another_control_has_another_baseline(self):
        control, other = self._kpi("Control"), self._kpi("Other control")
        _kpi, baseline, _benefit = self._simple(
            control_id=control.id, control_baseline=19
        )
        baseline.control_id = other
        self.assertIs(baseline.control_baseline, False)
        baseline.write({"control_id": control.id, "control_baseline": 18})
        self.assertEqual(baseline.control_baseline, 18)

    def test_a_kpi_stays_with_its_initiative(self):
        _kpi, baseline, _benefit = self._simple()
        other = self._make(name="Other")
        words = "Track the KPI separately there"
        with self.assertRaisesRegex(UserError, words), self.cr.savepoint():
            baseline.initiative_id = other

    def test_new_months_of_the_plan_are_measured(self):
        kpi, _baseline, benefit = self._simple()
        self._months(kpi, *[10] * 7)
        benefit.date_to = "2026-07-31"
        self.assertEqual(self._realized(benefit), [1000] * 7)

    def test_longer_and_shorter_periods(self):
        year = self._kpi("Per year", frequency="year", aggregation_time="sum")
        days = self._kpi("Per day", frequency="day", aggregation_time="sum")
        level = self._kpi("Level", frequency="quarter")
        week = self._kpi("Per week", frequency="week", aggregation_time="average")
        benefits = {}
        for kpi, before in ((year, 1200), (days, 10), (level, 20), (week, 20)):
            baseline = self._baseline(kpi, baseline_value=before, unit_value=1)
            benefits[kpi] = self._measured_benefit(baseline)
        self._record(year, {date(2026, 1, 1): 960})
        self._record(days, {date(2026, 2, day): 9 for day in range(1, 29)})
        self._record(level, {date(2026, 4, 1): 15})
        # The week of 29 December belongs to January: its Thursday is New Year's Day.
        self._record(week, {date(2025, 12, 29): 18, date(2026, 1, 5): 12})
        self.assertEqual(self._realized(benefits[year]), [20] * 6)
        self.assertEqual(
            self._realized(benefits[days]), [None, 28, None, None, None, None]
        )
        self.assertEqual(self._realized(benefits[level]), [None] * 3 + [5] * 3)
        self.assertEqual(self._realized(benefits[week])[:2], [5, None])
        self._record(year, {date(2026, 1, 1): 600})
        self.assertEqual(self._realized(benefits[year]), [50] * 6)
        self._record(level, {date(2026, 4, 1): 14})
        self.assertEqual(self._realized(benefits[level])[3:], [6] * 3)
        # How often a value is due is known beforehand.
        months = [one._get_months_between() for one in benefits.values()]
        self.assertEqual(months, [12, 1, 3, 1])

    def test_days_before_the_baseline_do_not_count(self):
        days = self._kpi("Per day", frequency="day", aggregation_time="sum")
        week = self._kpi("Per week", frequency="week", aggregation_time="average")
        month = self._kpi("Per month")
        benefits = {}
        for kpi, before in ((days, 10), (week, 20), (month, 20)):
            baseline = self._baseline(
                kpi,
                baseline_value=before,
                baseline_date=date(2026, 2, 14),
                unit_value=1,
            )
            benefits[kpi] = self._measured_benefit(baseline)
        february = [date(2026, 2, day) for day in range(1, 29)]
        self._record(days, dict.fromkeys(february, 9))
        # The second one is not over on the day of the baseline, a Saturday.
        self._record(
            week, {date(2026, 2, 2): 2, date(2026, 2, 9): 18, date(2026, 2, 16): 14}
        )
        self._record(month, {date(2026, 1, 1): 2, date(2026, 2, 1): 15})
        found = {kpi: self._realized(one)[:2] for kpi, one in benefits.items()}
        self.assertEqual(found[days], [None, 14])
        self.assertEqual(found[week], [None, 4])
        self.assertEqual(found[month], [None, 5])
        self._record(days, {date(2026, 2, 1): 0, date(2026, 2, 15): 4})
        self.assertEqual(self._realized(benefits[days])[:2], [None, 19])

    def test_rebuilding_finds_nothing_to_change(self):
        kpi, _baseline, benefit = self._simple()
        self._months(kpi, 18, 16, 14)
        model = self.env["kpi.baseline"]
        self.assertEqual(model._rebuild_measured(), 0)
        self.env.cr.execute(
            "UPDATE kpi_benefit_period SET realized = 1 WHERE benefit_id = %s",
            [benefit.id],
        )
        self.assertEqual(model._rebuild_measured(), 6)
        self.assertEqual(self._realized(benefit)[:3], [200, 400, 600])
        self.assertEqual(benefit.realized_value, 1200)

    def test_statements_do_not_grow_with_benefits(self):
        kpis = self._kpi("One") | self._kpi("Two") | self._kpi("Three")
        for kpi in kpis:
            self._measured_benefit(self._baseline(kpi, unit_value=1))
        self.env.flush_all()
        model = self.env["kpi.baseline"]
        model._rebuild_measured()
        for number in (1, 2):
            self.env.cr.execute("UPDATE kpi_benefit_period SET realized = %s", [number])
            with self.assertQueryCount(5):
                model._rebuild_measured()

    def test_enormous_values_are_not_worked_out(self):
        kpi, baseline, benefit = self._simple()
        self._months(kpi, 1e300, -1e300, 10)
        self.assertEqual(self._realized(benefit)[:3], [None, None, 1000])
        baseline.unit_value = 1e15
        self.assertEqual(self._realized(benefit)[2], None)

    def test_months_cannot_be_typed(self):
        kpi, baseline, benefit = self._simple()
        with self.assertRaisesRegex(UserError, "is measured by"):
            self._as(self.olga, benefit).period_ids[0].realized = 5
        self._months(kpi, 10)
        benefit.baseline_id = False
        self.assertEqual(self._realized(benefit), EMPTY)
        self.assertFalse(benefit.has_value)
        self.assertNotIn("1,000", "".join(benefit.message_ids.mapped("body")))
        benefit.period_ids[0].realized = 5
        with self.assertRaisesRegex(UserError, "Clear them first"):
            benefit.baseline_id = baseline

    def test_a_baseline_measures_one_benefit(self):
        _kpi, baseline, benefit = self._simple()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.cr.savepoint():
                self._measured_benefit(baseline)
        with self.assertRaisesRegex(UserError, "measures a benefit"):
            baseline.unlink()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            baseline.active = False
        other = self._baseline(self._kpi("Other"))
        with self.assertRaisesRegex(ValidationError, "another initiative"):
            benefit.baseline_id = other

    def test_a_corrected_value_reopens_what_was_confirmed(self):
        kpi, _baseline, benefit = self._simple()
        self._months(kpi, *[10] * 6)
        benefit.evidence = "Counted"
        benefit.action_confirm_status()
        self.assertEqual(benefit.status, "realized")
        self._months(kpi, 11)
        self.assertEqual(benefit.status, "in_progress")

    def test_values_too_large_to_count_are_said(self):
        kpi, baseline, benefit = self._simple()
        self._months(kpi, 18, 16, 14)
        self.assertFalse(baseline.warning)
        self._record(kpi, {date(2026, 2, 1): 1e300, date(2025, 12, 1): 1e300})
        self.assertEqual(self._realized(benefit)[:3], [200, None, 600])
        own = self._as(self.olga, baseline)
        self.assertIn("Hours per invoice", own.warning)
        self.assertIn("Feb 2026: the value is too large", own.warning)
        self.assertNotIn("Dec", own.warning, "it is before the baseline")
        form = Form(own)
        form.target_value = 12
        self.assertIn("Feb 2026: the value is too large", form.warning)
        # Who may not read the KPI does not learn it.
        self.assertFalse(self._as(self.max, baseline).has_access("read"))
        with self.assertRaises(AccessError):
            baseline.with_user(self.max).mapped("warning")
        self._record(kpi, {date(2026, 2, 1): 16})
        self.env.invalidate_all()
        self.assertFalse(own.warning)

    def test_amounts_too_large_to_count_are_said(self):
        volume = self._kpi("Invoices", aggregation_time="sum")
        kpi, baseline, benefit = self._simple(volume_id=volume.id)
        self._months(kpi, *[10] * 5)
        self._months(volume, 1, 1e12, 1e12, 1e12, 1e12)
        self.assertEqual(self._realized(benefit), [1000, *EMPTY[1:]])
        self.env.invalidate_all()
        text = self._as(self.olga, baseline).warning
        self.assertIn(
            "Feb 2026, Mar 2026, Apr 2026 and 1 more: the measured benefit", text
        )
        self.assertNotIn("too large", text)

    def test_a_year_of_a_control_is_too_large_for_all_of_its_months(self):
        control = self._kpi("Control", frequency="year", aggregation_time="sum")
        kpi, baseline, benefit = self._simple(
            control_id=control.id, control_baseline=19
        )
        self._months(kpi, 10)
        self._record(control, {date(2026, 1, 1): -1e300})
        self.assertEqual(self._realized(benefit), EMPTY)
        self.env.invalidate_all()
        # Sue may see the control as well, and the initiative.
        text = self._as(self.sue, baseline).warning
        self.assertRegex(text, "^Control.*, 2026: the value is too large")

    def test_what_is_missing_is_said(self):
        _kpi, baseline, _benefit = self._simple(unit_value=False)
        self.assertIn("Missing: the unit value.", baseline.warning)
