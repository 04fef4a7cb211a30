"""People of a company with initiatives."""

from odoo.tests import TransactionCase, new_test_user

USER = "kpi_base.kpi_base_group_user"


class BenefitCase(TransactionCase):
    """Olga owns an initiative in the department of Max, Sue is its sponsor.

    Pia is a KPI officer; Zoe has nothing to do with it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.env["res.company"].create({"name": "Benefits"})
        for name, level in (
            ("olga", "user"),
            ("sue", "user"),
            ("zoe", "user"),
            ("max", "manager"),
            ("pia", "officer"),
        ):
            setattr(cls, name, cls._make_user(name, level))
        manager = cls.env["hr.employee"].create(
            {"name": "Max", "user_id": cls.max.id, "company_id": cls.company.id}
        )
        cls.department = cls.env["hr.department"].create(
            {
                "name": "Works",
                "company_id": cls.company.id,
                "manager_id": manager.id,
            }
        )

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
