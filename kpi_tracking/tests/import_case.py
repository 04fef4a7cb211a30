"""KPIs that people enter, and files to import for them."""

from odoo.addons.kpi_base.tests.import_case import OFFICER, ImportCase


class KpiImportCase(ImportCase):
    officer_groups = f"{OFFICER},hr.group_hr_user"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calls = cls._kpi("calls", "Calls")

    @classmethod
    def _kpi(cls, code, name, **values):
        definition = cls.env["kpi.definition"].create(
            {"code": code, "name": name, "computation": "manual", **values}
        )
        return definition._track_for("company", cls.company)

    @classmethod
    def _create_departments(cls, *names):
        departments = cls.env["hr.department"]
        departments.create(
            [{"name": name, "company_id": cls.company.id} for name in names]
        )

    def _values_by_department(self):
        """(department, first day of the period) → value, of the KPI Calls."""
        facts = self.env["kpi.measurement"].search(
            [("report_id.definition_id", "=", self.calls.definition_id.id)]
        )
        return {
            (fact.report_id.department_id.name, fact.period_start): fact.value
            for fact in facts
        }

    def _values_of(self, report):
        """First day of the period → value."""
        facts = self.env["kpi.measurement"].search([("report_id", "=", report.id)])
        return {fact.period_start: fact.value for fact in facts}
