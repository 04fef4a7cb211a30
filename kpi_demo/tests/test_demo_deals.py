from collections import defaultdict
from decimal import Decimal

from odoo.tests import TransactionCase, tagged

from odoo.addons.kpi_deal_pipeline.roles import ADMIN, AGENT, MANAGER, VIEWER

from ..story.deals import DAYS, FACTS

CENT = Decimal("0.01")


def marginal(value):
    """Sum that the demo's tiers pay for a value."""
    total = Decimal(0)
    for tier in FACTS["plan"]["tier_ids"]:
        low, high = tier["amount_from"], tier["amount_to"]
        top = min(value, Decimal(high)) if high else value
        total += max(top - low, Decimal(0)) * Decimal(str(tier["rate"]))
    return total


@tagged("post_install", "-at_install")
class TestDemoDeals(TransactionCase):
    """The property business, as if its deals had been moved day by day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("kpi_demo.company_de")
        cls.deals = cls.env["kpi.deal"].search([("company_id", "=", cls.company.id)])

    def test_deals_stand_in_every_stage(self):
        self.assertGreater(len(self.deals), 150)
        stages = dict(self.deals._fields["pipeline_stage"].selection)
        # a random pipeline may leave one of the stages empty on some day
        missing = stages.keys() - set(self.deals.mapped("pipeline_stage"))
        self.assertLessEqual(len(missing), 1)
        won = self.deals.filtered(lambda deal: deal.status == "closed_won")
        lost = self.deals.filtered(lambda deal: deal.status == "closed_lost")
        self.assertTrue(0.15 < len(won) / len(won | lost) < 0.45)

    def test_histories_go_forward_and_agree_with_the_audit_log(self):
        for deal in self.deals:
            events = deal.stage_event_ids.sorted("id")
            moments = events.mapped("effective_at")
            self.assertEqual(moments, sorted(moments), deal.title)
            self.assertEqual(moments[0], deal.opened_at)
            self.assertEqual(events[-1].to_stage, deal.pipeline_stage)
            self.assertEqual(moments[-1], deal.stage_since)
        for deal in self.deals[:20]:
            self.assertTrue(deal.verify_history()["is_whole"], deal.title)

    def test_commissions_are_what_the_tiers_pay(self):
        """Entire deals fill the tiers of a quarter; their commission is shared."""
        plan = self.env.ref("kpi_demo.kpi_commission_plan_property")
        won = self.deals.filtered(
            lambda deal: (
                deal.status == "closed_won" and deal.actual_close_date >= plan.date_from
            )
        )
        reached, expected = defaultdict(Decimal), {}
        for deal in won.sorted(lambda deal: (deal.actual_close_date, deal.id)):
            value = Decimal(f"{deal.estimated_value_amount:.2f}")
            shares = {deal.won_by_id: Decimal(1)}
            for split in deal.split_ids:
                shares[split.agent_id] = Decimal(f"{split.share_percent:.4f}") / 100
            for agent, share in shares.items():
                key = agent, plan._period_of(deal.actual_close_date)
                before, reached[key] = reached[key], reached[key] + value
                paid = marginal(reached[key]) - marginal(before)
                expected[deal, agent] = paid * share
        self.assertGreater(len(expected), 40)
        found = {
            (each.deal_id, each.agent_id): Decimal(f"{each.commission_amount:.2f}")
            for each in plan.commission_ids
        }
        self.assertEqual(found.keys(), expected.keys())
        for key, amount in expected.items():
            self.assertAlmostEqual(found[key], amount, delta=CENT)

    def test_settled_by_age_and_two_are_disputed(self):
        commissions = self.env.ref(
            "kpi_demo.kpi_commission_plan_property"
        ).commission_ids
        statuses = commissions.grouped("status")
        self.assertEqual(len(statuses["disputed"]), 2)
        self.assertEqual(
            set(statuses["disputed"].dispute_ids.mapped("state")), {"open"}
        )
        self.assertGreater(len(statuses["paid"]), len(commissions) / 2)
        controller = self.env.ref("kpi_demo.user_clara_vogt")
        self.assertEqual(statuses["paid"].confirmed_by, controller)

    def test_last_quarter_is_stated(self):
        statements = self.env["kpi.commission.statement"].search(
            [("company_id", "=", self.company.id)]
        )
        states = statements.grouped("state")
        self.assertEqual(set(states), {"issued", "acknowledged"})
        self.assertEqual(len(states["acknowledged"]), 1)
        for statement in statements:
            unpaid = statement.line_ids.filtered(
                lambda line: line.commission_id.status != "paid"
            )
            self.assertAlmostEqual(
                statement.unpaid_amount, sum(unpaid.mapped("amount")), delta=CENT
            )

    def test_the_ready_dashboard_shows_their_numbers(self):
        dashboard = self.env.ref("kpi_demo.kpi_dashboard_deals")
        dashboard = dashboard.with_context(allowed_company_ids=self.company.ids)
        (tile,) = dashboard.tile_ids.filtered(
            lambda each: (
                each.kind == "card" and each.definition_ids.code == "deal_pipeline"
            )
        )
        report = tile.definition_ids.report_ids.filtered(
            lambda each: each.scope_type == "company"
        )
        is_open = self.deals.filtered(lambda deal: deal.status == "open")
        self.assertAlmostEqual(
            report.current_value, sum(is_open.mapped("company_amount")), 2
        )
        self.assertTrue(all(is_open.mapped("win_probability")))

    def test_benchmarks_stand_beside_the_own_numbers(self):
        reports = self.env["kpi.report"].search(
            [
                ("definition_id.code", "=like", "deal_benchmark_%"),
                ("scope_type", "=", "company"),
                ("company_id", "=", self.company.id),
            ]
        )
        self.assertEqual(
            {each.definition_id.code: each.current_value for each in reports},
            {
                "deal_benchmark_win_rate_industry": 26.0,
                "deal_benchmark_win_rate_top": 36.0,
                "deal_benchmark_cycle_industry": 158.0,
                "deal_benchmark_cycle_top": 121.0,
            },
        )

    def test_each_agent_has_a_row_per_day(self):
        rows = self.env["kpi.agent.performance"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(len(rows.agent_id), 5)
        self.assertEqual(len(set(rows.mapped("as_of_date"))), DAYS)
        self.assertFalse(any(rows._differences().values()))

    def test_who_sees_them(self):
        manager = self.env["res.users"].search([("login", "=", "demo.manager")])
        employee = self.env["res.users"].search([("login", "=", "demo.employee")])
        broker = self.env.ref("kpi_demo.user_fiona_heller")
        deals = self.env["kpi.deal"]
        self.assertEqual(
            deals.with_user(manager).search([("company_id", "=", self.company.id)]),
            self.deals.with_user(manager),
        )
        self.assertFalse(
            employee.has_group("kpi_deal_pipeline.kpi_deal_pipeline_group_agent")
        )
        own = deals.with_user(broker).search([])
        self.assertTrue(own)
        self.assertTrue(
            all(
                broker in deal.agent_id | deal.split_ids.agent_id for deal in own.sudo()
            )
        )

    def test_people_of_deals_log_in_with_the_least_they_need(self):
        agent = self.env["res.users"].search([("login", "=", "demo.agent")])
        manager = self.env["res.users"].search([("login", "=", "demo.deals")])
        for user, own, above in ((agent, AGENT, MANAGER), (manager, MANAGER, ADMIN)):
            with self.subTest(user.login):
                self.assertTrue(user.has_group(own))
                for group in (above, "sales_team.group_sale_salesman", VIEWER):
                    self.assertFalse(user.has_group(group))
        deals = self.env["kpi.deal"].with_user(agent).search([])
        self.assertTrue(deals.filtered(lambda deal: deal.agent_id == agent))
        commissions = self.env["kpi.commission"].with_user(agent).search([])
        self.assertEqual(commissions.agent_id, agent)
        dispute = self.env["kpi.commission.dispute"].with_user(agent).search([])
        self.assertEqual((len(dispute), dispute.state), (1, "open"))
        self.assertFalse(dispute.may_decide)

    def test_the_manager_of_deals_can_confirm_and_decide(self):
        manager = self.env["res.users"].search([("login", "=", "demo.deals")])
        commissions = self.env["kpi.commission"].with_user(manager).search([])
        self.assertGreater(len(commissions.agent_id), 3)
        waiting = commissions.filtered(
            lambda each: each.status == "pending" and each.agent_id != manager
        )
        self.assertTrue(all(waiting.mapped("may_decide")))
        disputes = self.env["kpi.commission.dispute"].with_user(manager).search([])
        self.assertTrue(
            disputes.filtered(lambda each: each.agent_id.login == "demo.agent")
            .with_user(manager)
            .may_decide
        )
