from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .baseline_case import BaselineCase


@freeze_time("2026-05-15 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiInitiativeKpi(BaselineCase):
    """KPIs that an owner who is no officer defines for the own initiative."""

    def _dialog(self, user, initiative, **values):
        dialog = Form(
            self._as(user, self.env["kpi.initiative.kpi"]).with_context(
                active_model="kpi.initiative",
                active_id=initiative.id,
                allowed_company_ids=self.company.ids,
            )
        )
        for name, value in {"name": "Days until paid", **values}.items():
            dialog[name] = value
        return dialog.save()

    def test_the_owner_tracks_a_new_kpi(self):
        initiative = self._make()
        action = self._dialog(
            self.olga,
            initiative,
            unit="duration",
            direction="lower",
            baseline_value=40,
            target_value=30,
        ).action_create()
        baseline = self.env["kpi.baseline"].browse(action["res_id"])
        self.assertEqual(baseline.initiative_id, initiative)
        self.assertEqual((baseline.baseline_value, baseline.target_value), (40, 30))
        definition = baseline.report_id.definition_id
        self.assertEqual(definition.code, f"own_{initiative.id}_days_until_paid")
        self.assertEqual(definition.computation, "manual")
        self.assertEqual(definition.company_id, self.company)
        self.assertEqual(baseline.report_id.department_id, self.department)
        own = self._as(self.olga, baseline)
        own._enter_measurement(own.baseline_date.replace(day=28), 35)
        for user in (self.sue, self.max, self.pia):
            self.assertTrue(self._as(user, baseline).has_access("read"), user.name)
        self.assertFalse(self._as(self.zoe, baseline).has_access("read"))
        again = self._dialog(self.olga, initiative).action_create()
        other = self.env["kpi.baseline"].browse(again["res_id"])
        self.assertTrue(other.report_id.code.endswith("_2"))

    def test_what_is_left_empty_is_not_0(self):
        initiative = self._make()
        action = self._dialog(
            self.olga, initiative, baseline_value=False, target_value=False
        ).action_create()
        baseline = self.env["kpi.baseline"].browse(action["res_id"])
        self.assertIs(baseline.baseline_value, False)
        self.assertIs(baseline.target_value, False)
        zero = self._dialog(self.olga, initiative, target_value=0).action_create()
        self.assertEqual(
            self.env["kpi.baseline"].browse(zero["res_id"]).target_value, 0
        )

    def test_a_value_cleared_in_the_dialog_is_empty(self):
        """The widget decides: Odoo's number turns what was cleared into 0."""
        views = self.env["kpi.initiative.kpi"].get_view(view_type="form")
        for name in ("baseline_value", "target_value"):
            with self.subTest(name):
                self.assertIn(f'name="{name}" widget="kpi_amount"', views["arch"])

    def test_it_is_logged(self):
        initiative = self._make()
        self._as(self.olga, initiative)._create_own_kpi({"name": "Errors"})
        entry = self.env["kpi.audit.log"].search(
            [("model", "=", "kpi.initiative"), ("res_id", "=", initiative.id)]
        )
        self.assertEqual(entry.event_type, "initiative_kpi_created")
        self.assertEqual(entry.user_id, self.olga)

    def test_nobody_else_defines_kpis(self):
        initiative = self._make()
        for user in (self.sue, self.zoe):
            with self.assertRaises(AccessError):
                self._as(user, initiative)._create_own_kpi({"name": "Mine"})
        with self.assertRaises(AccessError):
            self._as(self.olga, self.env["kpi.definition"]).create({"name": "Mine"})
        for name in ("", "  ", "a\x00b"):
            with self.assertRaises(UserError):
                self._as(self.olga, initiative)._create_own_kpi({"name": name})

    def test_nothing_but_what_it_is_can_be_given(self):
        initiative = self._as(self.olga, self._make())
        report = initiative._create_own_kpi(
            {"name": "Errors", "computation": "records", "company_id": 1, "code": "x"}
        )
        self.assertEqual(report.definition_id.computation, "manual")
        self.assertEqual(report.company_id, self.company)
        self.assertTrue(report.code.startswith("own_"))
