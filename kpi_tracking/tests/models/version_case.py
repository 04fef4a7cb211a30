from datetime import date

from ..common import KpiCase

FIRST, LAST = date(2023, 1, 1), date(2023, 6, 30)
APRIL = date(2023, 4, 1)
HOURS = {month: 10.0 * month for month in range(1, 7)}
SMALL, LARGE = "[('x_hours', '<', 7)]", "[('x_hours', '>', 7)]"


class KpiVersionCase(KpiCase):
    """Half a year of deals: each month has a small one and one ten times as large."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deals.create(
            [
                {
                    "x_name": name,
                    "x_date": date(2023, month, 10),
                    "x_closed_date": date(2023, month, 28),
                    "x_hours": factor * month,
                    "x_active": True,
                    "x_company_id": cls.company.id,
                    "x_user_id": cls.env.uid,
                }
                for month in HOURS
                for name, factor in (("Small", 1.0), ("Large", 10.0))
            ]
        )

    def setUp(self):
        super().setUp()
        self.enterContext(self._at("2023-06-15 12:00:00"))

    def _hours(self, name="Hours", **values):
        given = {"measure": "sum", "measure_field": "x_hours", **values}
        return self._definition(name, **given)

    def _months(self, report, grain=None):
        return {day.month: value for day, value in self._values(report, grain).items()}

    def _tracked(self, definition):
        report = self._track(definition, self.company)
        self._compute(FIRST, LAST)
        return report

    def _formula(self, formula, name="Rate", coarsest_grain="month"):
        """A formula that is tracked for the company and evaluated, and its report."""
        definition = self._definition(
            name,
            computation="formula",
            formula=formula,
            coarsest_grain=coarsest_grain,
        )
        report = self._track(definition, self.company)
        self.env["kpi.definition"]._recompute_formulas()
        return definition, report
