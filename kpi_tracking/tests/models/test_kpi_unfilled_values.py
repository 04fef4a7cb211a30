from datetime import date

from odoo.tests import tagged

from ..common import KpiCase

JANUARY, FEBRUARY, MARCH = (date(2023, month, 1) for month in (1, 2, 3))


@tagged("post_install", "-at_install")
class TestKpiUnfilledValues(KpiCase):
    """Values that no computation looks at any more go, with a revision."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = cls._create_user("ann")
        cls.deals.create(
            [
                {
                    "x_date": month,
                    "x_active": True,
                    "x_hours": 4.0,
                    "x_company_id": cls.company.id,
                    "x_user_id": cls.ann.id,
                }
                for month in (JANUARY, FEBRUARY, MARCH)
            ]
        )

    def _average(self, **values):
        values = {"measure": "average", "measure_field": "x_hours", **values}
        return self._definition("Hours", **values)

    def _assert_removed(self, report, *keys):
        revisions = self.env["kpi.measurement.revision"].search(
            [("report_id", "=", report.id)]
        )
        removed = {(row.grain, row.period_start) for row in revisions}
        self.assertEqual(removed, set(keys))
        self.assertTrue(all(row.is_removal for row in revisions))
        self.assertEqual(set(revisions.mapped("reason")), {"No longer computed"})

    def test_before_a_history_that_starts_later(self):
        kpi = self._average(coarsest_grain="month")
        report = self._track(kpi)
        self._compute()
        kpi.history_start = date(2023, 2, 10)  # February is begun: it stays
        self.assertValues(report, {FEBRUARY: 4, MARCH: 4})
        self._assert_removed(report, ("month", JANUARY))
        kpi.history_start = JANUARY
        self._compute()
        self.assertValues(report, {JANUARY: 4, FEBRUARY: 4, MARCH: 4})

    def test_of_longer_periods_that_are_not_kept(self):
        kpi = self._average(aggregation_time="none", coarsest_grain="quarter")
        report = self._track(kpi)
        self._compute()
        self.assertValues(report, {JANUARY: 4}, grain="quarter")
        kpi.coarsest_grain = "month"
        self.assertValues(report, {}, grain="quarter")
        self.assertValues(report, {JANUARY: 4, FEBRUARY: 4, MARCH: 4})
        self._assert_removed(report, ("quarter", JANUARY))

    def test_of_people_that_no_field_leads_to(self):
        kpi = self._average(coarsest_grain="month", user_field="x_user_id")
        report, own = self._track(kpi, self.company, self.ann)
        self._compute()
        self.assertValues(own, {JANUARY: 4, FEBRUARY: 4, MARCH: 4})
        kpi.with_context(kpi_valid_from="all").user_field = False
        self.assertValues(own, {})
        self.assertFalse(own.current_period_start)
        self.assertValues(report, {JANUARY: 4, FEBRUARY: 4, MARCH: 4})

    def test_of_a_formula_whose_history_starts_later(self):
        self._average(code="hours", coarsest_grain="month")
        kpi = self._definition("Twice", computation="formula", formula="hours * 2")
        report = self._track(kpi)
        self._track(self.env["kpi.definition"].search([("code", "=", "hours")]))
        self._compute()
        self.assertValues(report, {JANUARY: 8, FEBRUARY: 8, MARCH: 8})
        kpi.history_start = MARCH
        self._compute()
        self.assertValues(report, {MARCH: 8})

    def test_entered_values_stay(self):
        kpi = self._definition("Entered", computation="manual")
        report = self._track(kpi)
        self.env["kpi.measurement"]._upsert(
            "month", [(report.id, JANUARY, 5.0)], source="manual"
        )
        kpi.history_start = MARCH
        self.assertValues(report, {JANUARY: 5})
