"""KPIs of the company with initiatives, and their values."""

from datetime import date

from .benefit_case import BenefitCase

BEFORE = date(2025, 12, 31)
JULY = date(2026, 7, 1)
BY_FORMULA = {
    "computation": "formula",
    "aggregation_time": "formula",
    "aggregation_scope": "formula",
}


class BaselineCase(BenefitCase):
    """Olga is responsible for the KPI of her initiative; Sue may see it."""

    @classmethod
    def _kpi(cls, name="Hours per invoice", *, department=None, **values):
        """A KPI that people enter, of the department or the company."""
        definition = cls.env["kpi.definition"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "computation": "manual",
                "frequency": "month",
                "unit": "number",
                "direction": "lower",
                "aggregation_time": "average",
                "owner_id": cls.olga.id,
                "history_start": date(2024, 1, 1),
                **values,
            }
        )
        return cls.env["kpi.report"].create(
            {
                "definition_id": definition.id,
                "company_id": cls.company.id,
                "scope_type": "department" if department else "company",
                "department_id": department.id if department else False,
                "owner_id": cls.olga.id,
                "shared_user_ids": [(6, 0, cls.sue.ids)],
            }
        )

    def _record(self, kpi, values, source="import"):
        """Values by first day of the period; None removes one."""
        rows = [(kpi.id, day, value) for day, value in values.items()]
        self.env["kpi.measurement"]._upsert(kpi.frequency, rows, source=source)

    def _months(self, kpi, *values, year=2026):
        self._record(
            kpi, {date(year, month, 1): one for month, one in enumerate(values, 1)}
        )

    def _baseline(self, kpi=None, initiative=None, **values):
        return self.env["kpi.baseline"].create(
            {
                "initiative_id": (initiative or self._make()).id,
                "report_id": (kpi or self._kpi()).id,
                "baseline_value": 20,
                "baseline_date": BEFORE,
                "target_value": 10,
                **values,
            }
        )

    def _measured_benefit(self, baseline, **values):
        return self._benefit(baseline.initiative_id, baseline_id=baseline.id, **values)

    def _realized(self, benefit):
        benefit.invalidate_recordset()
        benefit.period_ids.invalidate_recordset()
        return [
            None if one.realized is False else one.realized
            for one in benefit.period_ids.sorted("period_start")
        ]


class RedefinitionCase(BaselineCase):
    """A KPI by formula, which gets another one after its baseline was entered."""

    def _formula_kpi(self, name="Hours per invoice", code="hours"):
        """A KPI by formula, with values from January to October 2026."""
        self._kpi(f"Parts of {name}", code=code)
        kpi = self._kpi(name, formula=code, **BY_FORMULA)
        self._months(kpi, *[15] * 10)
        return kpi

    def _measuring(self, kpi=None, **values):
        initiative = self._make(status="live", go_live_date="2026-01-01")
        kpi = kpi or self._formula_kpi()
        return self._baseline(kpi, initiative, **{"unit_value": 100, **values})

    def _redefine(self, kpi, day=JULY, formula="2 * hours"):
        kpi.definition_id._change({"formula": formula}, day, "Counted twice")
        self.env.invalidate_all()
