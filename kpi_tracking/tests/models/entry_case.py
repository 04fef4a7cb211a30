"""KPIs whose values people enter, and the people around them."""

from datetime import date

from odoo import Command
from odoo.tests import TransactionCase, freeze_time, new_test_user

from odoo.addons.kpi_base.tests.common import ClockMixin
from odoo.addons.kpi_base.tests.world import builder, found, keep

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
TODAY = "2026-11-20 12:00:00"  # a Friday
GROUP = "kpi_base.kpi_base_group_%s"
NAMES = ("calendar", "uma", "ben", "mia", "otto", "sales", "report")


class KpiEntryCase(ClockMixin, TransactionCase):
    """Sales, managed by Mia, with Uma and Ben; Otto is the only KPI officer."""

    @classmethod
    def prepare_database(cls, env):
        case = builder(cls, env)
        case.company = env["res.company"].create({"name": "Entry"})
        case._enter_company()
        with freeze_time(TODAY):
            case._make_people()
            case.report = case._report()
        names = {name: getattr(case, name) for name in NAMES}
        keep(case.env, "entry", company=case.company, **names)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        found(cls, "entry", "company")
        cls._enter_company()
        found(cls, "entry", *NAMES)

    @classmethod
    def _enter_company(cls):
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )

    @classmethod
    def _make_people(cls):
        cls.calendar = cls.env["kpi.calendar"].create(
            {"name": "UTC", "tz": "UTC", "company_id": cls.company.id}
        )
        cls.uma, cls.ben = cls._user("uma"), cls._user("ben")
        cls.mia, cls.otto = cls._user("mia", "manager"), cls._user("otto", "officer")
        cls.sales = cls.env["hr.department"].create(
            {"name": "Sales", "company_id": cls.company.id}
        )
        for user in (cls.mia, cls.uma, cls.ben):
            cls._employ(user)
        cls.sales.manager_id = cls.mia.employee_ids

    @classmethod
    def _user(cls, login, group="user"):
        return new_test_user(
            cls.env,
            f"entry_{login}",
            GROUP % group,
            name=login.capitalize(),
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _employ(cls, user):
        return cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "company_id": cls.company.id,
                "department_id": cls.sales.id,
            }
        )

    @classmethod
    def _report(cls, name="Pulse", **values):
        """A monthly KPI of the department, for which Uma is responsible."""
        definition = cls.env["kpi.definition"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "calendar_id": cls.calendar.id,
                "owner_id": cls.uma.id,
                **values,
            }
        )
        report = definition._track_for(
            "department", cls.sales, company_id=cls.company.id
        )
        report.entry_date_from = OCTOBER
        return report

    def _enter(self, user, value, report=None, day=OCTOBER, **values):
        """What ``user`` enters, as the next request would see it."""
        report = (report or self.report).with_user(user)
        entry = report._enter_value(day, value, **values)
        self.env.invalidate_all()
        return entry

    def _fact(self, report=None, day=OCTOBER):
        return self.env["kpi.measurement"].search(
            [
                ("report_id", "=", (report or self.report).id),
                ("period_start", "=", day),
            ]
        )
