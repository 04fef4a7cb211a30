from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import run_cron

from ..commission_case import CommissionCase, T


@tagged("post_install", "-at_install")
class TestKpiCommissionPlan(CommissionCase):
    """Bookings of plans; the numbers are those of the engine's tests."""

    def test_tiers_run_over_the_period(self):
        self._plan()
        deals = [self._won(value) for value in (60_000, 70_000, 50_000)]
        self.assertEqual(self._amounts(deals), [3000, 4400, 5200])
        later = self._won(60_000, "2026-04-01")
        self.assertEqual(self._amounts([later]), [3000])
        steps = deals[1].commission_ids.step_ids
        self.assertEqual(
            [(step.kind, step.basis, step.total) for step in steps],
            [("base", 0, 0), ("rate", 40_000, 2000), ("rate", 30_000, 4400)],
        )
        self.assertIn("40,000", steps[1].description)

    def test_a_retroactive_tier_corrects_what_was_settled(self):
        self._plan("retroactive")
        first = self._won(60_000)
        self._confirm(first.commission_ids)
        second = self._won(70_000)
        self.assertEqual(self._net([first, second]), [4800, 5600])
        self._confirm(second.commission_ids)
        third = self._won(50_000)
        self.assertEqual(self._net([first, second, third]), [7200, 8400, 6000])
        self.assertEqual(
            first.commission_ids.adjustment_ids.sorted("id").mapped("amount"),
            [1800, 2400],
        )
        self.assertEqual(
            second.commission_ids.adjustment_ids.mapped("adjustment_type"),
            ["correction"],
        )
        self.assertEqual(first.commission_ids.commission_amount, 3000)

    def test_only_administrators_are_offered_to_change_plans(self):
        """Archiving is offered by a field that screens load, see ``archive.js``."""
        plan = self._plan()
        for user, expected in ((self.manager, False), (self.boss, True)):
            own = plan.with_user(user)
            self.assertIs(own.is_editable_by_me, expected, user.login)
            for kind in ("form", "list", "kanban"):
                arch = own.get_view(view_type=kind)["arch"]
                self.assertIn('<field name="is_editable_by_me"', arch, kind)

    def test_a_rate_is_the_same_everywhere_and_explained(self):
        self._plan("percentage", rate=0.004)
        shares = [
            Command.create({"agent_id": user.id, "share_percent": share})
            for user, share in ((self.agent, 60.0), (self.other, 40.0))
        ]
        commissions = self._won(100_000, split_ids=shares).commission_ids
        own = commissions.filtered(lambda one: one.agent_id == self.agent)
        self.assertEqual(own.commission_rate, 0.0024)
        self.assertEqual(own.rate_source, "60% × 0.4%, Plan")
        facts = dict(own.with_user(self.manager)._get_approval_facts())
        self.assertEqual(facts["Rate"], "0.24% (60% × 0.4%, Plan)")
        whole = self._won(100_000).commission_ids
        self.assertFalse(whole.rate_source)

    def test_a_rate_of_tiers_names_plan_and_tiers(self):
        self._plan()
        commission = self._won(130_000).commission_ids
        self.assertEqual(
            commission.rate_source.replace("\N{NO-BREAK SPACE}", " "),
            "Plan, 5% up to 100,000.00 €, 8% above 100,000.00 € up to 150,000.00 €",
        )
        steps = commission.step_ids.filtered(lambda step: step.kind == "rate")
        description = steps[0].description
        self.assertRegex(description, r"^5% of .* \(tier up to 100,000\.00.€\)$")
        last = self._won(90_000, "2026-02-03").commission_ids
        self.assertRegex(last.rate_source, r"12% above 150,000\.00.€$")

    def test_limits_of_tiers_in_sentences(self):
        plan = self._plan()
        last = plan.tier_ids.sorted("amount_from")[-1]
        self.assertRegex(last._describe_limits(), r"^above 150,000\.00.€$")
        unlimited = last.new({"plan_id": plan.id})
        self.assertEqual(unlimited._describe_limits(), "of any amount")

    def test_settling_again_books_nothing(self):
        plan = self._plan("retroactive")
        deals = [self._won(value) for value in (60_000, 70_000)]
        self._confirm(deals[0].commission_ids)
        before = self.env["kpi.audit.log"].search_count([])
        plan._settle_since()
        (deals[0] | deals[1])._settle_commissions()
        self.assertEqual(self.env["kpi.audit.log"].search_count([]), before)

    def test_an_earlier_deal_that_comes_late_moves_the_tiers(self):
        self._plan()
        late = self._won(100_000, "2026-02-20")
        self._confirm(late.commission_ids)
        early = self._won(50_000, "2026-02-01")
        self.assertEqual(self._amounts([late, early]), [5000, 2500])
        # 50k at 5%, 50k at 8%
        self.assertEqual(self._net([late, early]), [6500, 2500])

    def test_amounts_of_other_currencies_at_the_day_of_winning(self):
        self._plan()
        yen = self.env.ref("base.JPY")
        yen.active = True
        self._rate(self.dollar, "2026-02-01", 1 / 0.9213)
        self._rate(yen, "2026-02-01", 1 / 0.00617)
        self._rate(yen, "2026-02-03", 1.0)
        deals = [
            self._won(100_000, currency_id=self.dollar.id),
            self._won(25_000_000, currency_id=yen.id),
        ]
        self.assertEqual(self._amounts(deals), [4606.50, 15959.10])

    def test_without_a_rate_there_is_no_amount(self):
        self._plan()
        deal = self._won(100_000, currency_id=self.dollar.id)
        self.assertEqual(self._amounts([deal]), [False])
        self.assertIn("USD", deal.commission_ids.computation_error)
        self._rate(self.dollar, "2026-02-01", 2.0)
        deal._settle_commissions()
        self.assertEqual(self._amounts([deal]), [2500])
        self.assertFalse(deal.commission_ids.computation_error)

    def test_agents_who_share_a_deal(self):
        self._plan("percentage", rate=1.0)
        splits = [
            Command.create({"agent_id": user.id, "share_percent": share})
            for user, share in ((self.agent, 33.3333), (self.other, 66.6667))
        ]
        overlay = Command.create(
            {
                "agent_id": self.other.id,
                "split_type": "overlay",
                "share_percent": 20,
            }
        )
        deal = self._won(100.0, split_ids=[*splits, overlay])
        found = {
            (each.agent_id, each.rule, each.commission_type): each.commission_amount
            for each in deal.commission_ids
        }
        self.assertEqual(
            found,
            {
                (self.agent, "plan", "exclusive"): 33.33,
                (self.other, "plan", "exclusive"): 66.67,
                (self.other, "overlay", "bonus"): 20.0,
            },
        )

    def test_managers_get_their_share(self):
        self._plan(
            override_ids=[
                Command.create({"user_id": self.manager.id, "rate": 0.1}),
                Command.create({"user_id": self.director.id, "rate": 0.05}),
            ]
        )
        deals = [self._won(value) for value in (60_000, 70_000, 50_000)]
        overrides = {
            user: sum(
                each.commission_amount
                for deal in deals
                for each in deal.commission_ids
                if each.rule == "override" and each.agent_id == user
            )
            for user in (self.manager, self.director)
        }
        self.assertEqual(overrides, {self.manager: 1260, self.director: 630})

    def _refunded(self, refund, day="2026-02-02", **values):
        """(net of both deals) of 100 and 80 k after a refund of the first."""
        self._plan(**values)
        deals = [self._won(100_000), self._won(80_000)]
        self._confirm(deals[0].commission_ids | deals[1].commission_ids)
        self._bill(deals[0], 100_000)
        before = sum(self._net(deals))
        self._bill(deals[0], refund, "refund", day)
        return sum(self._net(deals)) - before

    def test_refunds_take_back_the_share(self):
        self.assertEqual(self._refunded(60_000), -3000)

    def test_refunds_of_all_that_was_invoiced_leave_nothing(self):
        """10,000 at 5%, of which 8,000 were invoiced and refunded."""
        self._plan("percentage", rate=0.05)
        deal = self._won(10_000)
        self._confirm(deal.commission_ids)
        self._bill(deal, 8000)
        self._bill(deal, 4000, "refund")
        self.assertEqual(deal.commission_ids.net_amount, 250)
        self._bill(deal, 4000, "refund", "2026-02-04")
        self.assertEqual(deal.commission_ids.net_amount, 0)
        self._bill(deal, 2000, day="2026-02-05")
        self.assertEqual(deal.commission_ids.net_amount, 100)

    def test_refunds_of_instalments_take_back_what_fell_due(self):
        self._plan("percentage", rate=0.05, accrual="invoiced")
        deal = self._won(10_000)
        self._confirm(deal.commission_ids)
        self._bill(deal, 8000)
        self._bill(deal, 8000, "refund")
        commission = deal.commission_ids
        self.assertEqual(sum(commission.accrual_ids.mapped("amount")), 400)
        self.assertEqual(sum(commission.adjustment_ids.mapped("amount")), -400)

    def test_refunds_take_back_the_original_rate(self):
        self.assertEqual(self._refunded(60_000, clawback="rate"), -3000)

    def test_refunds_are_trued_up(self):
        self.assertEqual(self._refunded(60_000, clawback="true_up"), -6000)

    def test_refunds_of_everything(self):
        self.assertEqual(self._refunded(100_000), -5000)

    def test_refunds_of_everything_trued_up(self):
        self.assertEqual(self._refunded(100_000, clawback="true_up"), -8600)

    def test_refunds_take_back_less_each_month(self):
        decay = {"clawback_months": 12, "clawback_is_linear": True}
        self.assertEqual(self._refunded(60_000, "2026-08-02", **decay), -1500)

    def test_refunds_trued_up_take_back_less_each_month(self):
        decay = {"clawback_months": 12, "clawback_is_linear": True}
        self.assertEqual(
            self._refunded(60_000, "2026-08-02", clawback="true_up", **decay), -3000
        )

    def test_refunds_after_the_window_take_back_nothing(self):
        self.assertEqual(self._refunded(60_000, "2026-05-02", clawback_months=3), 0)

    def test_a_reversed_deal_nets_to_nothing(self):
        self._plan(
            "percentage",
            rate=0.1111,
            override_ids=[Command.create({"user_id": self.manager.id, "rate": 0.0333})],
        )
        deal = self._won(900.0)
        self._confirm(deal.commission_ids.filtered(lambda each: each.rule == "plan"))
        self._bill(deal, 900.0)
        for _third in range(3):
            self._bill(deal, 300.0, "refund")
        self.assertEqual(deal.commission_ids.mapped("net_amount"), [0, 0])
        taken = deal.commission_ids.filtered(lambda each: each.rule == "plan")
        # 99.99 earned: a third of it each time
        self.assertEqual(taken.adjustment_ids.mapped("amount"), [-33.33] * 3)

    def test_more_than_came_in_cannot_be_refunded(self):
        deal = self._won(900.0)
        self._bill(deal, 900.0)
        self._bill(deal, 500.0, "payment")
        with self.assertRaisesRegex(ValidationError, "exceed the 500.00"):
            self._bill(deal, 500.01, "refund")

    def test_what_was_counted_cannot_be_changed(self):
        self._plan("percentage", rate=0.1)
        deal = self._won(900.0)
        self._bill(deal, 900.0)
        refund = self._bill(deal, 300.0, "refund")
        for change in (lambda: refund.write({"amount_untaxed": 1}), refund.unlink):
            with self.assertRaisesRegex(UserError, "has booked commissions"):
                change()
        refund.reference = "RINV/1"

    def test_a_deal_that_is_reopened_after_payment(self):
        self._plan("percentage", rate=0.1)
        deal = self._won(900.0)
        commission = deal.commission_ids
        self._confirm(commission)
        commission.with_user(self.manager).action_pay()
        deal.pipeline_stage = "negotiation"
        self.assertEqual(commission.net_amount, 0)
        self.assertEqual(commission.adjustment_ids.adjustment_type, "clawback")
        deal._settle_commissions()
        self.assertEqual(commission.net_amount, 0)
        deal.pipeline_stage = "closed_won"
        self.assertEqual(commission.net_amount, 90.0)
        self.assertEqual(len(deal.commission_ids), 1)

    def test_a_pending_commission_of_a_reopened_deal_has_no_amount(self):
        self._plan("percentage", rate=0.1)
        deal = self._won(900.0)
        deal.pipeline_stage = "negotiation"
        self.assertEqual(self._amounts([deal]), [False])
        self.assertFalse(deal.commission_ids.step_ids)

    def test_who_won_a_deal_is_paid_whoever_has_it_later(self):
        self._plan("percentage", rate=0.1)
        deal = self._won(900.0)
        self._confirm(deal.commission_ids)
        deal.agent_id = self.other
        deal._settle_commissions()
        self.assertEqual(deal.commission_ids.agent_id, self.agent)
        self.assertEqual(self._net([deal]), [90.0])

    def test_an_agent_who_leaves_in_the_middle_is_paid_for_what_was_won(self):
        self._plan()
        early = self._won(80_000, "2026-01-20")
        waiting = self._deal(estimated_value_amount=60_000)
        self._confirm(early.commission_ids)
        self.agent.active = False
        waiting.agent_id = self.other
        waiting.write(
            {"pipeline_stage": "closed_won", "actual_close_date": "2026-03-02"}
        )
        # Each agent has tiers of their own: none is filled by the other's deals.
        self.assertEqual(self._net([early, waiting]), [4000, 3000])
        self.assertEqual(waiting.commission_ids.agent_id, self.other)
        # A deal of theirs that comes late counts from where they were.
        late = self._won(40_000, "2026-02-10")
        self.assertEqual(late.commission_ids.agent_id, self.agent)
        self.assertEqual(self._net([late]), [20_000 * 0.05 + 20_000 * 0.08])
        early.commission_ids.with_user(self.manager).action_pay()
        self.assertEqual(early.commission_ids.status, "paid")

    def test_what_was_agreed_by_hand_stands(self):
        self._plan("percentage", rate=0.1)
        deal = self._deal(estimated_value_amount=900.0)
        agreed = self.env["kpi.commission"].create(
            {
                "deal_id": deal.id,
                "agent_id": self.agent.id,
                "commission_amount": 7.0,
            }
        )
        deal.pipeline_stage = "closed_won"
        self.assertEqual(deal.commission_ids, agreed)
        self.assertEqual(agreed.commission_amount, 7.0)

    def test_instalments_fall_due_with_payments(self):
        self._plan("percentage", rate=0.1111, accrual="paid")
        deal = self._won(900.0)
        commission = deal.commission_ids
        self._bill(deal, 900.0)
        self._bill(deal, 300.0, "payment")
        self.assertFalse(commission.accrual_ids)  # not settled yet
        self._confirm(commission)
        self.assertEqual(commission.due_amount, 33.33)
        self._bill(deal, 600.0, "payment")
        self.assertEqual(commission.accrual_ids.mapped("amount"), [66.66, 33.33])
        self.assertEqual(commission.due_amount, 99.99)

    def test_everything_falls_due_with_the_deal(self):
        self._plan("percentage", rate=0.1)
        deal = self._won(900.0)
        self._confirm(deal.commission_ids)
        accrual = deal.commission_ids.accrual_ids
        self.assertEqual((accrual.amount, accrual.accrued_on), (90.0, date(2026, 2, 2)))

    def test_margins_and_products(self):
        self._plan(
            "product",
            base="margin",
            rate=0.01,
            rate_ids=[Command.create({"product": "lease", "rate": 0.1})],
        )
        deal = self._won(900.0)
        self.assertEqual(self._amounts([deal]), [0])
        self._bill(deal, 600.0, margin=100.0, product="lease")
        self._bill(deal, 300.0, margin=50.0)
        self.assertEqual(self._amounts([deal]), [10.5])

    def test_invoices_that_come_after_settling_are_corrected(self):
        self._plan("percentage", base="invoiced", rate=0.1, accrual="invoiced")
        deal = self._won(900.0)
        self._bill(deal, 300.0)
        self._confirm(deal.commission_ids)
        self._bill(deal, 300.0)
        self.assertEqual(deal.commission_ids.commission_amount, 30.0)
        self.assertEqual(self._net([deal]), [60.0])
        self.assertEqual(deal.commission_ids.due_amount, 60.0)

    def test_only_deals_of_the_plans_days_count(self):
        self._plan("percentage", rate=0.1, date_to="2026-02-15")
        deals = [
            self._won(100.0, day) for day in ("2026-02-14", "2026-02-15", "2026-03-01")
        ]
        self.assertEqual([len(deal.commission_ids) for deal in deals], [1, 0, 0])

    def test_a_plan_counts_from_its_first_day(self):
        deal = self._won(900.0)
        plan = self._plan("percentage", is_used=False, rate=0.1)
        self.assertFalse(deal.commission_ids)
        plan.action_activate()
        self.assertEqual(self._amounts([deal]), [90.0])

    def test_tiers_have_no_gaps_and_no_overlaps(self):
        for tiers, reason in (
            ([(0, 1000, 0.05), (1001, 0, 0.08)], "No tier covers 1000.00 to 1001.00"),
            ([(0, 1000, 0.05), (900, 0, 0.08)], "overlaps"),
            ([(0, 1000, 0.05)], "above 1000"),
            ([(0, 0, 1.5)], "between 0% and 100%"),
        ):
            commands = [
                Command.create({"amount_from": low, "amount_to": high, "rate": rate})
                for low, high, rate in tiers
            ]
            with self.subTest(tiers), self.assertRaisesRegex(ValidationError, reason):
                self._plan(tier_ids=commands, is_used=False)
        plan = self._plan(is_used=False)
        called = plan.with_context(kpi_commission_plan_saving=True)  # by a client
        for change in (
            lambda: plan.tier_ids[0].write({"amount_to": 5.0}),
            lambda: plan.tier_ids[1].unlink(),
            lambda: called.tier_ids[0].write({"amount_to": 5.0}),
            lambda: called.tier_ids[1].unlink(),
        ):
            with (
                self.assertRaisesRegex(ValidationError, "No tier covers"),
                self.env.cr.savepoint(),
            ):
                change()
        first, second, _last = plan.tier_ids
        plan.tier_ids = [
            Command.update(first.id, {"amount_to": 90_000}),
            Command.update(second.id, {"amount_from": 90_000}),
        ]
        self.assertEqual(plan.tier_ids.mapped("amount_from"), [0, 90_000, T[2][0]])

    def test_terms_that_paid_somebody_stand(self):
        plan = self._plan()
        deal = self._won(900.0)
        plan.tier_ids[2].rate = 0.13  # nobody was paid yet
        self._confirm(deal.commission_ids)
        for change in (
            lambda: plan.write({"rate": 0.2}),
            lambda: plan.tier_ids[0].write({"rate": 0.2}),
            lambda: plan.tier_ids[0].unlink(),
            plan.unlink,
        ):
            with self.assertRaises(UserError):
                change()
        plan.name = "Another name"

    def test_an_agent_follows_one_plan_at_a_time(self):
        self._plan()
        for agents in (self.agent, self.env["res.users"]):
            with (
                self.assertRaisesRegex(ValidationError, "same agents"),
                self.env.cr.savepoint(),
            ):
                self._plan(agent_ids=[Command.set(agents.ids)])
        self._plan(agent_ids=[Command.set(self.boss.ids)])

    def test_settling_takes_as_many_statements_for_many_deals(self):
        counts = []
        for number, user in ((1, self.agent), (3, self.other), (9, self.boss)):
            for _deal in range(number):
                self._won(1000.0, agent_id=user.id)
            plan = self._plan(
                "retroactive", is_used=False, agent_ids=[Command.set(user.ids)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            plan.action_activate()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(plan.commission_ids), number)
        self.assertEqual(counts[1], counts[2])

    def test_rates_that_come_late_are_settled_over_night(self):
        today = fields.Date.today()
        self._plan("percentage", rate=0.1, date_from=today)
        deal = self._won(100.0, today, currency_id=self.dollar.id)
        self.assertEqual(self._amounts([deal]), [False])
        self._rate(self.dollar, today, 2.0)
        run_cron(self, "kpi_deal_pipeline.kpi_commission_plan_cron_settle")
        self.assertEqual(self._amounts([deal]), [5.0])

    def test_whoever_closes_and_bills_a_deal_has_it_settled(self):
        self._plan(
            "percentage",
            rate=0.1,
            override_ids=[Command.create({"user_id": self.manager.id, "rate": 0.1})],
        )
        deal = self._deal(estimated_value_amount=900.0)
        deal.with_user(self.agent).pipeline_stage = "closed_won"
        self.assertEqual(
            sorted(deal.commission_ids.mapped("commission_amount")), [9, 90]
        )
        billings = self.env["kpi.deal.billing"].with_user(self.manager)
        for kind in ("invoice", "refund"):
            billings.create(
                {"deal_id": deal.id, "billing_type": kind, "amount_untaxed": 900.0}
            )
        self.assertEqual(deal.commission_ids.mapped("net_amount"), [0, 0])
        with self.assertRaises(AccessError):
            billings.with_user(self.agent).create(
                {"deal_id": deal.id, "amount_untaxed": 1.0}
            )
