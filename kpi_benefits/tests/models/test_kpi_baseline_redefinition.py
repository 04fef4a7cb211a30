from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import ClockMixin

from .baseline_case import BY_FORMULA, RedefinitionCase

SAID = "new definition since Jul 2026"


@tagged("post_install", "-at_install")
class TestKpiBaselineRedefinition(ClockMixin, RedefinitionCase):
    """KPIs that are measured otherwise than they were for the baseline."""

    def setUp(self):
        super().setUp()
        self.enterContext(self._at("2026-11-10 12:00:00"))

    def _find_said(self, record):
        sentences = record.get_insights()["variance"]["sentences"]
        return [one for one in sentences if SAID in one["text"]]

    def test_benefit_bridge_and_warnings_say_since_when(self):
        baseline = self._measuring()
        benefit = self._measured_benefit(baseline)
        for record in (baseline, benefit):
            self.assertFalse(record.is_redefined)
        self.assertFalse(self._find_said(benefit))
        self._redefine(baseline.report_id)
        self.assertTrue(baseline.is_redefined)
        self.assertIn(f"Hours per invoice: {SAID}", baseline.redefinition_note)
        self.assertIn("Enter a new baseline", baseline.redefinition_note)
        self.assertIn(baseline.redefinition_note, baseline.warning)
        self.assertTrue(benefit.is_redefined)
        self.assertEqual(benefit.definition_warning, baseline.redefinition_note)
        for record in (benefit, baseline.initiative_id):
            (said,) = self._find_said(record)
            self.assertEqual(said["text"], baseline.redefinition_note)
            self.assertEqual(
                [(one["model"], one["id"]) for one in said["records"]],
                [(one._name, one.id) for one in (benefit, baseline)],
            )
        action = self._as(self.olga, benefit).action_open_baseline()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (baseline._name, baseline.id)
        )

    def test_a_version_that_is_planned_says_nothing_yet(self):
        baseline = self._measuring()
        self._redefine(baseline.report_id, date(2026, 12, 1))
        self.assertFalse(baseline.is_redefined)
        with self._at("2026-12-01 12:00:00"):
            self.env.invalidate_all()
            self.assertTrue(baseline.is_redefined)

    def test_a_baseline_of_the_new_definition_is_asked_for_no_more(self):
        baseline = self._measuring()
        self._redefine(baseline.report_id)
        for values in (
            {"baseline_value": 40},  # the number as it is counted now
            {"baseline_date": "2026-07-31"},
            {
                "baseline_method": "window",
                "window_from": "2026-07-01",
                "baseline_date": "2026-08-31",
            },
        ):
            with self.subTest(values):
                other = baseline.copy({"name": str(values), **values})
                if len(values) == 1:
                    other = baseline.copy({"name": f"Later {values}"})
                    self.assertTrue(other.is_redefined)
                    self._as(self.olga, other).write(values)
                self.assertFalse(other.is_redefined)
                self.assertFalse(other.redefinition_note)
        # A mean of values of before, and one across the change
        for last in ("2026-06-30", "2026-09-30"):
            baseline.write(
                {
                    "baseline_method": "window",
                    "window_from": "2026-01-01",
                    "baseline_date": last,
                }
            )
            self.assertTrue(baseline.is_redefined)

    def test_who_may_change_it_says_that_the_baseline_holds(self):
        baseline = self._measuring()
        self._redefine(baseline.report_id)
        with self.assertRaises(AccessError):
            self._as(self.sue, baseline).action_keep_baseline()
        own = self._as(self.olga, baseline)
        own.action_keep_baseline()
        self.assertFalse(own.is_redefined)
        self.assertIn("Jul 2026", baseline.message_ids[0].body)
        self._redefine(baseline.report_id, date(2026, 9, 1), "3 * hours")
        self.assertIn("since Sep 2026", baseline.redefinition_note)

    def test_a_part_of_the_formula_and_other_kpis_count(self):
        volume = self._formula_kpi("Invoices")
        part = self._formula_kpi("Own hours", code="own_parts")
        part.definition_id.code = "own_hours"
        total = self._kpi("Total", formula="own_hours + 1", **BY_FORMULA)
        self._months(total, *[16] * 10)
        baseline = self._measuring(total, volume_id=volume.id)
        self._redefine(volume)
        self.assertIn(f"Invoices: {SAID}", baseline.redefinition_note)
        self._redefine(part, formula="2 * own_parts")
        self.assertIn(f"Total, Invoices: {SAID}", baseline.redefinition_note)

    def test_lists_find_those_that_need_a_new_baseline(self):
        baseline = self._measuring()
        other = self._measuring(self._kpi("Other"))
        benefit = self._measured_benefit(baseline)
        self._redefine(baseline.report_id)
        for records, found in ((baseline | other, baseline), (benefit, benefit)):
            own = self._as(self.olga, records)
            domain = [("id", "in", own.ids), ("is_redefined", "=", True)]
            self.assertEqual(own.search(domain), found)
            domain[1] = ("is_redefined", "=", False)
            self.assertEqual(own.search(domain), records - found)

    def test_who_may_not_see_the_kpi_is_not_told(self):
        baseline = self._measuring()
        self._redefine(baseline.report_id)
        baseline.report_id.shared_user_ids = False
        values = {"baseline_id": baseline.id, "amount": 1500, "date_from": "2026-01-01"}
        new = self.env["kpi.benefit.realization"].with_user(self.zoe).new(values)
        self.assertFalse(new.definition_warning)
