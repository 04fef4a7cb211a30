"""Deals in a company in euros, and the people who may do something with them."""

from datetime import datetime

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.kpi_base.tests.world import builder, found, keep

GROUP = "kpi_deal_pipeline.kpi_deal_pipeline_group_"
NAMES = ("agent", "manager", "viewer", "other", "team", "reason", "customer")


class DealCase(TransactionCase):
    @classmethod
    def prepare_database(cls, env):
        case = builder(cls, env)
        euro = env.ref("base.EUR")
        case.company = env["res.company"].create(
            {"name": "Harbour", "currency_id": euro.id}
        )
        case._enter_company()
        case._make_people()
        names = {name: getattr(case, name) for name in NAMES}
        keep(case.env, "deal", company=case.company, **names)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro, cls.dollar = cls.env.ref("base.EUR"), cls.env.ref("base.USD")
        (cls.euro | cls.dollar).active = True
        found(cls, "deal", "company")
        cls._enter_company()
        found(cls, "deal", *NAMES)
        cls.env["res.currency.rate"].search([]).unlink()
        cls.rates = cls.env["res.currency.rate"]

    @classmethod
    def _enter_company(cls):
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": cls.company.ids,
                "tracking_disable": True,
            }
        )

    @classmethod
    def _make_people(cls):
        cls.agent = cls._user("agent")
        cls.manager = cls._user("manager")
        cls.viewer = cls._user("viewer")
        cls.other = cls._user("other", "agent")
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Docks",
                "company_id": cls.company.id,
                "user_id": cls.manager.id,
                "crm_team_member_ids": [Command.create({"user_id": cls.viewer.id})],
            }
        )
        cls.reason = cls.env["crm.lost.reason"].create({"name": "Price"})
        cls.customer = cls.env["res.partner"].create({"name": "Anchor"})

    @classmethod
    def _user(cls, name, role=None):
        return new_test_user(
            cls.env,
            f"deal-{name}",
            groups=f"base.group_user,{GROUP}{role or name}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _deal(cls, title="Quay 7", **values):
        return cls.env["kpi.deal"].create(
            {
                "title": title,
                "agent_id": cls.agent.id,
                "team_id": cls.team.id,
                "company_id": cls.company.id,
                "currency_id": cls.euro.id,
                "opened_at": datetime(2026, 1, 5, 9),
                **values,
            }
        )

    @classmethod
    def _left_deal(cls, company, **values):
        """A deal of the agent in a company that the agent has left since."""
        cls.agent.company_ids |= company
        deal = cls._deal("Far", company_id=company.id, team_id=False, **values)
        cls.agent.company_ids -= company
        return deal

    @classmethod
    def _rate(cls, currency, day, rate):
        return cls.rates.create(
            {
                "currency_id": currency.id,
                "company_id": cls.company.id,
                "name": day,
                "rate": rate,
            }
        )

    @classmethod
    def _faults(cls, deals):
        """Find the faults of these deals in the audit log."""
        return [
            (fault.kind, fault.seq) for fault in cls.env["kpi.audit.log"]._verify(deals)
        ]
