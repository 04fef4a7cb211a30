from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged
from odoo.tools.sql import drop_depending_views

from .baseline_case import BaselineCase

COLUMNS = "kpi_id, measurement_date, value, progress, is_before_baseline, notes"


@freeze_time("2026-05-15 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiBaselineMeasurement(BaselineCase):
    """The view ``kpi_measurements``, and the model on it."""

    def _query(self):
        self.env.flush_all()
        self.cr.execute(f"SELECT {COLUMNS} FROM kpi_measurements ORDER BY id")
        return self.cr.fetchall()

    def test_each_initiative_has_its_rows(self):
        self.cr.execute("DELETE FROM kpi_baselines")
        kpi = self._kpi()
        one = self._baseline(kpi, target_value=10)
        two = self._baseline(kpi, target_value=20)
        self._record(kpi, {date(2025, 12, 1): 20})
        self._as(self.olga, one)._enter_measurement(date(2026, 2, 3), 14, "Counted")
        self.assertEqual(
            self._query(),
            [
                (one.id, date(2025, 12, 1), 20, 0, True, None),
                (one.id, date(2026, 2, 1), 14, 0.6, False, "Counted"),
                (two.id, date(2025, 12, 1), 20, None, True, None),
                (two.id, date(2026, 2, 1), 14, None, False, "Counted"),
            ],
        )
        rows = self.env["kpi.baseline.measurement"].search(
            [("kpi_id", "=", two.id)], order="measurement_date"
        )
        self.assertEqual(rows.mapped("value"), [20, 14])
        self.assertEqual(rows[1].progress, False)
        self.assertEqual(rows[1].measured_by_id, self.olga)

    def test_who_sees_the_kpi_sees_them(self):
        kpi = self._kpi()
        baseline = self._baseline(kpi)
        self._months(kpi, 5)
        model = self.env["kpi.baseline.measurement"]
        own = self._as(self.sue, model).search([("kpi_id", "=", baseline.id)])
        self.assertEqual(own.value, 5)
        for change in (own.unlink, lambda: own.write({"value": 6})):
            with self.assertRaises(AccessError):
                change()
        self.assertFalse(self._as(self.zoe, model).search([]))
        kpi.shared_user_ids = False
        self.assertFalse(self._as(self.sue, model).search([]))

    def test_a_dropped_view_is_built_again(self):
        model = self.env["kpi.baseline.measurement"]
        drop_depending_views(self.cr, "kpi_measurement", "value")
        self.assertIsNone(model._compute_mark())
        model._register_hook()
        self._query()
        self.assertEqual(model._read_mark(), model._compute_mark())
