from datetime import date

from odoo.addons.kpi_base.tests.world import builder, found, keep

from ..common import KpiCase

NAMES = (
    "sales", "east", "officer", "manager", "user", "boss", "employee", "revenue",
    "complaints",
)  # fmt: skip


def month(text):
    return date.fromisoformat(f"{text}-01")


class EnteredCase(KpiCase):
    """Two KPIs of the company that are entered by hand, and people who look."""

    world = "entered"

    @classmethod
    def prepare_database(cls, env):
        case = builder(cls, env)
        case._make_company()
        case._make_entered()
        names = ("company", "calendar", *NAMES)
        keep(case.env, "entered", **{name: getattr(case, name) for name in names})

    @classmethod
    def _builder(cls, env):
        """A class that makes what a case built on this one has besides."""
        case = builder(cls, env)
        case._find_company()
        found(case, "entered", *NAMES)
        return case

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        found(cls, "entered", *NAMES)

    @classmethod
    def _make_entered(cls):
        cls.sales = cls._create_department("Sales")
        cls.east = cls._create_department("East", cls.sales)
        cls.officer, cls.manager, cls.user = (
            cls._create_user(name, groups=f"kpi_base.kpi_base_group_{name}")
            for name in ("officer", "manager", "user")
        )
        cls.boss = cls._employ(cls.manager, cls.sales)
        cls.sales.manager_id = cls.boss
        cls.employee = cls._employ(cls.user, cls.east)
        cls.revenue = cls._entered(
            "Revenue",
            {"2025-02": 100, "2025-03": 70, "2026-01": 120, "2026-02": 90},
            target=100,
        )
        cls.complaints = cls._entered(
            "Complaints",
            {"2025-02": 4, "2026-01": 0, "2026-02": 3},
            direction="lower",
            target=4,
        )

    @classmethod
    def _entered(cls, name, values, target=None, scope=None, **definition):
        """A KPI with these values by month, tracked for the company."""
        kpi = cls._track(
            cls.env["kpi.definition"].create(
                {
                    "name": name,
                    "company_id": cls.company.id,
                    "calendar_id": cls.calendar.id,
                    "currency_id": cls.currency.id,
                    "history_start": date(2020, 1, 1),
                    **definition,
                }
            ),
            scope or cls.company,
        )
        if target:
            cls.env["kpi.target"].create(
                {"report_id": kpi.id, "date_from": date(2020, 1, 1), "value": target}
            )
        cls._fill(kpi, values)
        return kpi

    @classmethod
    def _fill(cls, kpi, values):
        rows = [(kpi.id, month(text), value) for text, value in values.items()]
        cls.env["kpi.measurement"]._upsert("month", rows, source="manual")
        kpi._refresh_current()

    def _as(self, user, records):
        return records.with_user(user).with_context(
            allowed_company_ids=self.company.ids
        )
