"""People of a company with initiatives."""

from odoo.tests import TransactionCase, new_test_user

from odoo.addons.kpi_base.tests.world import builder, found, keep

USER = "kpi_base.kpi_base_group_user"
# name → what they are in KPIs
PEOPLE = {
    "olga": "user",
    "sue": "user",
    "zoe": "user",
    "max": "manager",
    "pia": "officer",
}


class BenefitCase(TransactionCase):
    """Olga owns an initiative in the department of Max, Sue is its sponsor.

    Pia is a KPI officer; Zoe has nothing to do with it.
    """

    @classmethod
    def prepare_database(cls, env):
        case = builder(cls, env)
        case.company = env["res.company"].create({"name": "Benefits"})
        people = {name: case._make_user(name, level) for name, level in PEOPLE.items()}
        of_company = {"company_id": case.company.id}
        manager = env["hr.employee"].create(
            {"name": "Max", "user_id": people["max"].id, **of_company}
        )
        department = env["hr.department"].create(
            {"name": "Works", "manager_id": manager.id, **of_company}
        )
        keep(env, "benefit", company=case.company, department=department, **people)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        found(cls, "benefit", "company", "department", *PEOPLE)

    @classmethod
    def _make_user(cls, name, level):
        return new_test_user(
            cls.env,
            f"benefit-{name}",
            f"kpi_base.kpi_base_group_{level}",
            name=name.title(),
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    def _make(self, **values):
        return self.env["kpi.initiative"].create(
            {
                "name": "Capture invoices",
                "company_id": self.company.id,
                "owner_id": self.olga.id,
                "sponsor_id": self.sue.id,
                "department_id": self.department.id,
                **values,
            }
        )

    def _make_far(self, **values):
        """An initiative in another company, whose owner works there only."""
        far = self.env["res.company"].create({"name": "Far"})
        owner = new_test_user(self.env, "benefit-far", USER, **self._in(far))
        return self._make(
            company_id=far.id,
            owner_id=owner.id,
            **{"sponsor_id": False, "department_id": False, **values},
        )

    @staticmethod
    def _in(company):
        return {"company_id": company.id, "company_ids": company.ids}

    def _benefit(self, initiative=None, **values):
        return self.env["kpi.benefit.realization"].create(
            {
                "name": "Less work",
                "initiative_id": (initiative or self._make()).id,
                "amount": 1000,
                "date_from": "2026-01-01",
                "date_to": "2026-06-30",
                **values,
            }
        )

    def _as(self, user, record):
        return record.with_user(user).with_context(allowed_company_ids=self.company.ids)
