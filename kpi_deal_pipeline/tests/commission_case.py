"""Deals that are won, and the plans that pay for them."""

from odoo.fields import Command

from odoo.addons.kpi_base.tests.world import builder, found, keep

from .deal_case import DealCase

T = [(0, 100_000, 0.05), (100_000, 150_000, 0.08), (150_000, 0, 0.12)]


class CommissionCase(DealCase):
    """Deals won in the first quarter of 2026, and the plans that pay for them."""

    @classmethod
    def prepare_database(cls, env):
        case = builder(cls, env)
        found(case, "deal", "company")
        case._enter_company()
        keep(
            case.env,
            "commission",
            director=case._user("director", "manager"),
            boss=case._user("boss", "admin"),
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plans = cls.env["kpi.commission.plan"]
        found(cls, "commission", "director", "boss")
        cls.team.user_id = cls.manager

    @classmethod
    def _plan(cls, computation="marginal", is_used=True, **values):
        if computation in ("marginal", "retroactive"):
            values.setdefault(
                "tier_ids",
                [
                    Command.create(
                        {"amount_from": low, "amount_to": high, "rate": rate}
                    )
                    for low, high, rate in T
                ],
            )
        plan = cls.plans.create(
            {
                "name": "Plan",
                "company_id": cls.company.id,
                "currency_id": cls.euro.id,
                "date_from": "2026-01-01",
                "agent_ids": [Command.set((cls.agent | cls.other).ids)],
                "computation": computation,
                **values,
            }
        )
        if is_used:
            plan.action_activate()
        return plan

    @classmethod
    def _won(cls, value, day="2026-02-02", **values):
        return cls._deal(
            estimated_value_amount=value,
            pipeline_stage="closed_won",
            actual_close_date=day,
            **values,
        )

    @classmethod
    def _bill(cls, deal, amount, kind="invoice", day="2026-02-03", **values):
        return cls.env["kpi.deal.billing"].create(
            {
                "deal_id": deal.id,
                "billing_type": kind,
                "date": day,
                "amount_untaxed": amount,
                **values,
            }
        )

    def _confirm(self, commissions):
        commissions.with_user(self.manager).action_confirm()

    def _amounts(self, deals):
        return [deal.commission_ids.commission_amount for deal in deals]

    def _net(self, deals):
        return [sum(deal.commission_ids.mapped("net_amount")) for deal in deals]

    @classmethod
    def _statement(cls, first="2026-01-01", stop="2026-04-01", agent=None):
        return cls.env["kpi.commission.statement"].create(
            {
                "agent_id": (agent or cls.agent).id,
                "company_id": cls.company.id,
                "currency_id": cls.euro.id,
                "date_from": first,
                "date_to": stop,
            }
        )

    def _earned(self, value, day="2026-02-02"):
        deal = self._won(value, day)
        self._confirm(deal.commission_ids)
        return deal
